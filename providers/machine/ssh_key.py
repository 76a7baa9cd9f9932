"""`machine:index:SshKey`: a key pair by which a machine is entered, or by which it shows that it is the one that was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from providers.common.resource import Drift, Order, Outputs, Warn
from providers.machine.inputs import SshKeyInputs
from providers.machine.keys import new_private_key, public_key_of


class SshKey:
    """The type of resource. The pair lies in the state alone, and deleting it forgets it."""

    model = SshKeyInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"privateKey"})
    fixed: ClassVar[Mapping[str, str]] = {}
    replacing: ClassVar[frozenset[str]] = frozenset({"rotation"})
    foreseen: ClassVar[Outputs] = {}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, _: None, inputs: SshKeyInputs) -> None:
        """Find nothing wrong: the inputs themselves say it all."""

    def drift(self, _: None, inputs: SshKeyInputs, known: Outputs) -> Drift:
        """Find nothing: nobody else has it."""
        del inputs, known
        return {}

    def create(self, _: None, order: Order, inputs: SshKeyInputs) -> tuple[str, Outputs]:
        """Make a pair."""
        del order
        outputs = _pair(new_private_key(), inputs)
        return outputs["publicKey"].split()[1][-16:], outputs

    def update(self, _: None, order: Order, old: SshKeyInputs | None, new: SshKeyInputs) -> Outputs:
        """Write the public key's line anew; the pair stays."""
        del old
        return _pair(order.known["privateKey"], new)

    def read(self, _: None, inputs: SshKeyInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return what is known: there is nothing to look at."""
        del inputs, warn
        return known

    def delete(self, _: None, resource_id: str, inputs: SshKeyInputs) -> None:
        """Do nothing: the state was its only place."""


def _pair(private_key: str, inputs: SshKeyInputs) -> Outputs:
    return {"publicKey": f"{public_key_of(private_key)} {inputs.comment}".rstrip(), "privateKey": private_key}
