"""Everything that can go wrong and that a user can put right: one class, one message each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from providers.common.errors import Problem


class LocalProblem(Problem):
    """Something on this machine is in the way. The message says what, where, why and what to do; it holds no secret."""


class PortBusy(LocalProblem):
    """Another process listens where a server of ours should. `holder` is (PID, name), or None where it is hidden."""

    def __init__(self, name: str, host: str, port: int, holder: tuple[int, str] | None, environment: str) -> None:
        by = f"PID {holder[0]} ({holder[1]})" if holder else "something that this user may not see"
        super().__init__(
            f"port {port} on {host} is in use by {by}: stop it, or set another port for {name} in "
            f"stacks/environments/{environment}.yaml under `ports: fixed:`"
        )


class NotInstalled(LocalProblem):
    """No usable server of a kind is on this machine. `package` is Debian's, if any; `tried` lists the places looked at."""

    def __init__(self, title: str, package: str, tried: Iterable[str]) -> None:
        places = ", ".join(tried) or "nothing found"
        other_way = f", or `apt-get install {package}`" if package else ""
        super().__init__(f"{title} is not installed: `make up LANDSCAPE=...` gets it{other_way} (looked at: {places})")


class OtherMajor(LocalProblem):
    """A data directory was written by another major version than the one asked for."""

    def __init__(self, name: str, found: str, wanted: str) -> None:
        super().__init__(
            f"{name} holds data of PostgreSQL {found}, which version {wanted} cannot open: keep `version: {found}`, or "
            f"declare the new store beside the old, copy with pg_dump, and retire the old one"
        )


class NotReady(LocalProblem):
    """A program does not run or does not answer. `lines` end its log, without secrets."""

    def __init__(self, name: str, why: str, log: str, lines: Sequence[str]) -> None:
        said = "".join(f"\n    {line}" for line in lines)
        super().__init__(f"{name} {why}. Its log is {log}" + (f", which ends:{said}" if said else ""))


class SupervisorProblem(LocalProblem):
    """supervisord does not start or does not do what it should."""

    def __init__(self, what: str, log: str) -> None:
        super().__init__(f"supervisord, which keeps servers running, {what}; its log is {log}")


class Occupied(LocalProblem):
    """Another run works on the same thing and does not come to an end."""

    def __init__(self, what: str, holder: str, seconds: float) -> None:
        super().__init__(
            f"{what} is being changed by another run ({holder or 'unknown'}), which did not end within {seconds:.0f} s:"
            f" wait for it, or end it, and run this again"
        )


class NameTaken(LocalProblem):
    """Two resources want to be the same program."""

    def __init__(self, name: str, urn: str) -> None:
        super().__init__(
            f"{name} already runs here for {urn}: give this one another name, or, if the resource was renamed, an alias"
        )


class Unusable(LocalProblem):
    """Something that is there cannot be used. The text is the caller's own."""
