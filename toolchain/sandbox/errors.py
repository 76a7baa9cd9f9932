"""What can go wrong with a sandbox and be mended by its user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolchain.errors import SetupError

if TYPE_CHECKING:
    from pathlib import Path

    from toolchain.sandbox.kind import Kind


class NotRootError(SetupError):
    """Network namespaces, mounts and control groups are for root alone."""

    def __init__(self, doing: str, kind: Kind) -> None:
        super().__init__(f"{doing} needs root: the {kind.name} is made of {kind.made_of}")


class NotBuiltError(SetupError):
    """Programs or images are not in the cache."""

    def __init__(self, names: list[str], kind: Kind) -> None:
        super().__init__(f"{', '.join(names)}: not built yet. Run `{kind.set_up}` first")


class OwnedElsewhereError(SetupError):
    """The sandbox of this machine belongs to another checkout, and runs."""

    def __init__(self, owner: Path, kind: Kind) -> None:
        super().__init__(
            f"this machine's {kind.name} belongs to {owner} and runs: there is one on a machine. "
            f"Stop it there (`{kind.down}` in {owner}), or use another machine"
        )


class DaemonDiedError(SetupError):
    """A daemon ended soon after its start."""

    def __init__(self, name: str, tail: list[str], log: Path) -> None:
        shown = "\n".join(f"    {line}" for line in tail)
        super().__init__(f"{name} has ended; its last lines were\n{shown}\n  All of its output is in {log}")


class NotInTimeError(SetupError):
    """Something that a daemon does by itself did not come about."""

    def __init__(self, what: str, seconds: float, last: str, logs: Path) -> None:
        because = f"; the last answer was: {last}" if last else ""
        super().__init__(f"{what}: not within {seconds:.0f} s{because}. The daemons' output is in {logs}")


class TakenError(SetupError):
    """Addresses of the sandbox are in use."""

    def __init__(self, network: str, route: str, kind: Kind) -> None:
        super().__init__(
            f"the {kind.name}'s addresses {network} already have a route on this machine: `{route}`. Remove what made it"
        )
