"""`machine:index:Reachable`: waits until a machine can be entered and has what Plat needs of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from plat.machines.problems import Denied, NoAnswer, SshProblem
from plat.machines.ssh import Completed, Session
from providers.common.resource import Drift, Order, Outputs, Warn
from providers.machine import entering
from providers.machine.entering import MachineProblem
from providers.machine.inputs import ReachableInputs

OLDEST_DOCKER = (20, 10)

_PAUSE = 2.0
_SHORT = 90.0
"""Seconds for a look at a machine that was reachable before: more than one silent command takes, so that one that was busy
for so long is asked again."""

_MISSING = 127  # a shell's exit code for a command that it does not find
_CLOUD_INIT = re.compile(r"status: (\w+)")
_VERSION = re.compile(r"^(\d+)\.(\d+)\S*$")


class _NotYetError(Exception):
    """It cannot be used yet; the text says in what."""


@dataclass(frozen=True, slots=True)
class _Answer:
    code: int
    words: str


class Reachable:
    """The type of resource. It changes nothing on the machine, and deleting it neither."""

    model = ReachableInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"privateKey"})
    fixed: ClassVar[Mapping[str, str]] = {}
    replacing: ClassVar[frozenset[str]] = frozenset()
    foreseen: ClassVar[Outputs] = {"reachable": True}
    noted: ClassVar[frozenset[str]] = frozenset()
    mending = "the update waits for it"

    def check(self, _: None, inputs: ReachableInputs) -> None:
        """Find nothing wrong: what the inputs lead to is looked at in the update."""

    def foresee(self, inputs: ReachableInputs) -> Outputs:
        """Return where Docker will answer."""
        return {"host": entering.connection(inputs).url}

    def drift(self, _: None, inputs: ReachableInputs, known: Outputs) -> Drift:
        """Return `reachable` where it can no longer be used."""
        del known
        try:
            _wait(inputs, 0, lambda _: None)
        except MachineProblem as problem:
            return {"reachable": str(problem)}
        return {}

    def create(self, _: None, order: Order, inputs: ReachableInputs) -> tuple[str, Outputs]:
        """Wait for it."""
        return entering.connection(inputs).where, _wait(inputs, inputs.timeout_seconds, order.note)

    def update(self, _: None, order: Order, old: ReachableInputs | None, new: ReachableInputs) -> Outputs:
        """Wait for it again."""
        del old
        return _wait(new, new.timeout_seconds, order.note)

    def read(self, _: None, inputs: ReachableInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return what it has now. Raises MachineProblem where it cannot be entered: that is no reason to forget it."""
        del known, warn
        try:
            return _wait(inputs, _SHORT, lambda _: None)
        except MachineProblem as problem:
            msg = (
                f"{problem}. Nothing was removed: mend it and run this again; what no longer exists at all goes by "
                f"`pulumi state delete`"
            )
            raise MachineProblem(msg) from None

    def delete(self, _: None, resource_id: str, inputs: ReachableInputs) -> None:
        """Do nothing."""


def _wait(inputs: ReachableInputs, seconds: float, note: Callable[[str], None]) -> Outputs:
    """Return the outputs once there are some, looking at least once. Raises MachineProblem after `seconds`, and says why."""
    started = time.monotonic()
    to = entering.connection(inputs)
    try:
        with to.opened() as session:
            while True:
                try:
                    return _outputs(session, inputs)
                except _NotYetError as reason:
                    waited = time.monotonic() - started
                    if waited > seconds:
                        after = f" (waited for {waited:.0f} s)" if seconds else ""
                        msg = f"{reason}{after}"
                        raise MachineProblem(msg) from None
                    note(f"waiting for {to.where}: {reason} ({waited:.0f} s)")
                time.sleep(_PAUSE)
    except SshProblem as problem:
        raise MachineProblem(str(problem)) from None


def _outputs(session: Session, inputs: ReachableInputs) -> Outputs:
    where, user = session.connection.where, session.connection.user
    asked = [*(["cloud-init"] if inputs.cloud_init else []), *(["docker"] if inputs.docker else [])]
    try:
        found = _answers(entering.run(session, "look", *asked, root=False))
    except NoAnswer as problem:
        raise _NotYetError(str(problem)) from None
    except Denied as problem:
        if inputs.cloud_init:
            # It gives users their keys while it runs.
            raise _NotYetError(str(problem)) from None
        raise
    if inputs.cloud_init:
        _judge_cloud_init(where, found["cloud-init"])
    if missing := "; ".join(_missing(found, user)):
        msg = f"{where} lacks what Plat needs: {missing}"
        raise MachineProblem(msg)
    if inputs.docker and found["docker"].code:
        msg = f"Docker on {where} does not answer ({found['docker'].words.strip()})"
        raise _NotYetError(msg)
    version = found["docker"].words.strip() if inputs.docker else ""
    return {
        "reachable": True,
        "host": session.connection.url,
        "dockerVersion": version,
        "bootId": found["boot"].words.strip(),
    }


def _answers(looked: Completed) -> dict[str, _Answer]:
    lines = (line.split("\t", 2) for line in looked.out.splitlines())
    return {line[0]: _Answer(int(line[1]), line[2]) for line in lines if len(line) == 3 and line[1].isdigit()}  # noqa: PLR2004


def _judge_cloud_init(where: str, answer: _Answer) -> None:
    if answer.code == _MISSING:
        msg = f"{where} has no cloud-init, which was to set it up: say so (`cloudInit: false`), or use an image that has it"
        raise MachineProblem(msg)
    status = _CLOUD_INIT.search(answer.words)
    if status is None or status[1] not in {"done", "disabled", "error"}:
        told = status[1] if status else answer.words.strip()
        msg = f"cloud-init on {where} has not ended ({told})"
        raise _NotYetError(msg)
    if status[1] == "error":
        told = answer.words.partition("detail:")[2].strip() or answer.words.strip()
        msg = f"cloud-init on {where} has failed: {told}. Its log there is /var/log/cloud-init-output.log"
        raise MachineProblem(msg)


def _missing(found: Mapping[str, _Answer], user: str) -> Iterator[str]:
    """Give what is missing and does not come by waiting, each with how to get it (as root there)."""
    root = found.get("root")
    if root and root.code:
        yield (
            f"`{user}` may not use sudo without a password: "
            + ("`apt-get install sudo`, then " if root.code == _MISSING else "")
            + f"write `{user} ALL=(ALL) NOPASSWD: ALL` into /etc/sudoers.d/plat"
        )
    elif found["nft"].code:
        yield "nftables is not installed: `apt-get install nftables`"
    docker = found.get("docker")
    if docker is None:
        return
    if docker.code == _MISSING:
        yield "Docker is not installed: `apt-get install docker.io`"
    elif docker.code and "permission denied" in docker.words.lower():
        yield f"`{user}` may not use Docker: `usermod --append --groups docker {user}`"
    elif not docker.code:
        version = _VERSION.match(docker.words.strip())
        if version is None or (int(version[1]), int(version[2])) < OLDEST_DOCKER:
            oldest = ".".join(map(str, OLDEST_DOCKER))
            yield f"its Docker Engine is {docker.words.strip()}, and {oldest} is the oldest that will do"
