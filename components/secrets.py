"""The secrets of a share: made once or given, kept encrypted in the state, handed to nobody but their holders."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from typing import cast

import pulumi
import pulumi_random as random
from pulumi.output import UNKNOWN

from components.configuration import setting
from components.options import child
from plat.pairing import derived
from plat.plan.model import PAIRING, SecretRef
from plat.plan.shares import UNGIVEN, Share

_LENGTH = 32
OUTPUT = "secrets"
"""The output of a stack with what it gives, by name."""

GIVEN = "given"
"""The output of a stack that tells, and no more, whether what it gives is still the same."""


class Secrets:
    """One value for each secret that `share` names.

    It is generated, derived, what another share's stack gives, or what the stack's configuration gives.
    """

    def __init__(self, share: Share, parent: pulumi.Resource) -> None:
        # Letters and digits only: a secret must stand in a URL as it is.
        self._values: dict[SecretRef, pulumi.Output[str]] = {
            ref: random.RandomPassword(ref, length=_LENGTH, special=False, opts=child(parent)).result
            for ref in share.generates
        }
        giver = _giver(share, parent)
        self.received = giver.require_output(GIVEN) if giver else None
        """What the share's giver says of what it gave, None where there is none."""
        self._values |= _received(share, giver)
        self._values |= {ref: pulumi.Config().require_secret(setting(ref)) for ref in share.plan.given}
        self._values |= {ref: self._derived(ref) for ref in share.derives}
        self._gives = share.gives

    def __getitem__(self, ref: SecretRef) -> pulumi.Output[str]:
        return self._values[ref]

    def values(self) -> pulumi.Output[Mapping[str, str]]:
        """All that the share gives by name, as one secret value."""
        given = {ref: self._values[ref] for ref in self._gives}
        return pulumi.Output.secret(pulumi.Output.all(given).apply(lambda found: found[0]))

    def fingerprint(self) -> pulumi.Output[str]:
        """A hash of all that the share gives: SHA-256 (hex) of values of which each has some 190 bits."""
        return pulumi.Output.unsecret(self.values().apply(_hashed))

    def _derived(self, ref: SecretRef) -> pulumi.Output[str]:
        return pulumi.Output.secret(self._values[PAIRING].apply(lambda pairing: derived(pairing, ref)))


def _giver(share: Share, parent: pulumi.Resource) -> pulumi.StackReference | None:
    if not share.giver or (os.environ.get(UNGIVEN) and pulumi.runtime.is_dry_run()):
        return None
    stack = share.stack.of(share.giver)
    return pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack}", opts=child(parent))


def _received(share: Share, giver: pulumi.StackReference | None) -> Mapping[SecretRef, pulumi.Output[str]]:
    if not giver:
        return {ref: pulumi.Output.secret(pulumi.Output.from_input(cast("str", UNKNOWN))) for ref in share.receives}
    secrets: pulumi.Output[Mapping[str, str]] = giver.require_output(OUTPUT)
    return {ref: pulumi.Output.secret(secrets.apply(_getter(ref))) for ref in share.receives}


def _hashed(values: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _getter(ref: SecretRef) -> Callable[[Mapping[str, str]], str]:
    if pulumi.runtime.is_dry_run():
        # The giver's own update comes first, and may be what begins to give it.
        return lambda found: found.get(ref, cast("str", UNKNOWN))
    return lambda found: found[ref]
