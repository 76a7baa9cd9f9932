"""Scripts that run on a machine as root, and what keeps them from it."""

from __future__ import annotations

from pathlib import Path

from plat.machines.problems import SshProblem
from plat.machines.ssh import Completed, Connection, Session
from providers.common.errors import Problem
from providers.machine.inputs import Entered

_FOLDER = Path(__file__).parent / "scripts"


class MachineProblem(Problem):
    """A machine is not as it has to be. The message says which, in what, and what to do; it holds no secret."""


def connection(inputs: Entered) -> Connection:
    """The connection that the inputs say."""
    return Connection(inputs.address, inputs.port, inputs.user, inputs.host_key, inputs.private_key)


def run(
    session: Session, script: str, *arguments: str, given: bytes = b"", timeout: float = 60, root: bool = True
) -> Completed:
    """Run the script of that name on the machine with arguments and input. Raises SshProblem.

    As root unless it is said otherwise; the script stands in the command line there, so it holds nothing secret.
    """
    text = (_FOLDER / f"{script}.sh").read_text(encoding="utf-8")
    rise = ["sudo", "-n"] if root and session.connection.user != "root" else []
    return session.run([*rise, "sh", "-c", text, script, *arguments], given, timeout)


def must_run(session: Session, script: str, *arguments: str) -> Completed:
    """Run a script as root that has to end well. Raises MachineProblem."""
    where = session.connection.where
    try:
        done = run(session, script, *arguments)
    except SshProblem as problem:
        raise MachineProblem(str(problem)) from None
    if done.code:
        msg = f"{where}: {done.why}"
        raise MachineProblem(msg)
    return done
