"""The provider `machine`: which types of resources it has, and which keys it lends to other plugins."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi.provider.experimental import provider as wire

from providers.common import values
from providers.common.log import Log
from providers.common.provider import ResourceProvider, parsed
from providers.common.resource import Resource
from providers.machine.firewall import Firewall
from providers.machine.inputs import ProviderInputs
from providers.machine.inside import Inside
from providers.machine.lending import Lending
from providers.machine.reachable import Reachable
from providers.machine.ssh_key import SshKey
from providers.machine.volume_files import VolumeFiles

RESOURCES: Mapping[str, Resource[Any, None]] = {
    "machine:index:SshKey": SshKey(),
    "machine:index:Reachable": Reachable(),
    "machine:index:Firewall": Firewall(),
    "machine:index:Inside": Inside(),
    "machine:index:VolumeFiles": VolumeFiles(),
}


class MachineProvider(ResourceProvider[None]):
    """The provider `machine` for the project in `folder`."""

    package = "machine"
    resources = RESOURCES
    moving = frozenset({"publicKey", "dockerVersion", "bootId", "digest", "file"})
    removes_first = False

    def __init__(self, log: Log, folder: Path) -> None:
        super().__init__(log)
        self._lending = Lending(folder)

    @property
    def here(self) -> None:
        """Nowhere: each resource says its own machine."""

    async def check_config(self, request: wire.CheckRequest) -> wire.CheckResponse:
        """Judge the keys, as far as they are known."""
        given = values.to_python(request.new_inputs)
        _, problems = parsed(ProviderInputs, _own(given), values.unknown_names(given))
        return wire.CheckResponse(inputs=values.marked(request.new_inputs, {"lentKeys"}), failures=problems)

    async def diff_config(self, request: wire.DiffRequest) -> wire.DiffResponse:
        """Compare the keys; resources do not hang on them."""
        old, new = (_own(values.to_python(given)) for given in (request.old_state, request.new_inputs))
        return wire.DiffResponse(changes=old != new, diffs=["lentKeys"] if old != new else [])

    async def configure(self, request: wire.ConfigureRequest) -> wire.ConfigureResponse:
        """Lend the keys."""
        keys = values.to_python(request.args).get("lentKeys", [])
        await asyncio.gather(*(asyncio.to_thread(self._lending.lend, key) for key in keys))
        return wire.ConfigureResponse(accept_secrets=True, supports_preview=True, accept_resources=False)


def _own(given: Mapping[str, Any]) -> dict[str, Any]:
    """What of a provider's inputs is not the engine's, such as its version."""
    return {name: value for name, value in given.items() if name == "lentKeys"}
