"""What can go wrong with the cluster and be mended by its user."""

from __future__ import annotations

from pathlib import Path

from toolchain.errors import SetupError


class NotRootError(SetupError):
    """Network namespaces, mounts and control groups are for root alone."""

    def __init__(self, doing: str) -> None:
        super().__init__(f"{doing} needs root: the cluster is made of network namespaces, mounts and control groups")


class NotBuiltError(SetupError):
    """Programs or images are not in the cache."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"{', '.join(names)}: not built yet. Run `make cluster-setup` first")


class OwnedElsewhereError(SetupError):
    """The cluster of this machine belongs to another checkout, and runs."""

    def __init__(self, owner: Path) -> None:
        super().__init__(
            f"this machine's cluster belongs to {owner} and runs: there is one on a machine. "
            f"Stop it there (`make cluster-down` in {owner}), or use another machine"
        )


class NotRunningError(SetupError):
    """Something was asked of a cluster that does not run."""

    def __init__(self, doing: str) -> None:
        super().__init__(f"{doing}: no cluster runs. Run `make cluster` first")


class DaemonDiedError(SetupError):
    """A daemon ended soon after its start."""

    def __init__(self, name: str, tail: list[str], log: Path) -> None:
        shown = "\n".join(f"    {line}" for line in tail)
        super().__init__(f"{name} has ended; its last lines were\n{shown}\n  All of its output is in {log}")


class NotInTimeError(SetupError):
    """Something that the cluster does by itself did not come about."""

    def __init__(self, what: str, seconds: float, last: str, logs: Path) -> None:
        because = f"; the last answer was: {last}" if last else ""
        super().__init__(f"{what}: not within {seconds:.0f} s{because}. The daemons' output is in {logs}")


class TakenError(SetupError):
    """Addresses of the cluster are in use."""

    def __init__(self, network: str, route: str) -> None:
        super().__init__(
            f"the cluster's addresses {network} already have a route on this machine: `{route}`. Remove what made it"
        )


class UnusableNameError(SetupError):
    """A name cannot be that of an image."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name!r} cannot be a name of the base image: {reason}")


class ApiError(Exception):
    """The API server refused a request, or could not be reached; the code is 0 then."""

    def __init__(self, code: int, request: str, answer: str) -> None:
        super().__init__(f"{request}: {code or 'no answer'}: {answer}")
        self.code = code


class WrongSourcesError(SetupError):
    """apt on this machine does not know the packages that the image is made of."""

    def __init__(self, suite: str) -> None:
        super().__init__(
            f"apt on this machine has no source of Debian's {suite}, which the image is made of. "
            "Add it to /etc/apt/sources.list.d, and run `apt-get update` (as root)"
        )
