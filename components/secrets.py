"""The secrets of a plan: generated once, kept encrypted in the state, handed to nobody but their holders."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_random as random

from components.options import child
from plat.plan.model import Plan, SecretRef

_LENGTH = 32


class Secrets:
    """One generated value for each secret that `plan` names."""

    def __init__(self, plan: Plan, parent: pulumi.Resource) -> None:
        # Letters and digits only: a secret must stand in a URL as it is.
        self._values: dict[SecretRef, pulumi.Output[str]] = {
            ref: random.RandomPassword(ref, length=_LENGTH, special=False, opts=child(parent)).result for ref in plan.secrets
        }

    def __getitem__(self, ref: SecretRef) -> pulumi.Output[str]:
        return self._values[ref]

    def values(self) -> pulumi.Output[Mapping[str, str]]:
        """All of them by name, as one secret value."""
        return pulumi.Output.secret(pulumi.Output.all(self._values).apply(lambda found: found[0]))
