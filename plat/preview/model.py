"""The report on a preview."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

VERSION = 1


class ReportProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """A file is no report, or not one to go by. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a report was made of: the `commit`, with changes that are in none where it is not `clean`, and two digests."""

    commit: str
    clean: bool
    plan: str
    program: str


@dataclass(frozen=True, slots=True)
class Touched:
    """A context, a deployable beside contexts or the platform, and in which ways it is touched."""

    name: str
    team: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """What `who` may do: `what`. `other` is whose thing it is, where it is another's."""

    who: str
    what: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Risk:
    """Something with data of `owner` that would be deleted or replaced, and what `happens` then."""

    what: str
    owner: str
    happens: str


@dataclass(frozen=True, slots=True)
class Runs:
    """What happens to a deployable: it is started, changed or stopped."""

    deployable: str
    team: str
    happens: str


@dataclass(frozen=True, slots=True)
class Approval:
    """A team that must approve, how it is reached, and why."""

    team: str
    contact: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a policy found on a resource of a stack."""

    stack: str
    policy: str
    level: str
    resource: str
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """One step of Pulumi's; `keys` are the inputs that differ, without their values."""

    op: str
    type: str
    name: str
    urn: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StackPreview:
    """What would happen to one stack, which goes from a plan with the digest `since` to one with the digest `to`.

    `state` says how its preview ended, `reason` why, where it did not end well.
    """

    stack: str
    unit: str
    team: str
    state: str
    reason: str
    since: str
    to: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What an update of a landscape, or of some `units` of it, would change.

    Where it is not `complete`, not every stack could be looked at, and it says less than what would happen. `left` are stacks
    that no descriptor stands for any more.
    """

    landscape: str
    environment: str
    units: tuple[str, ...]
    made: Made
    complete: bool
    contexts: tuple[Touched, ...] = ()
    appearing: tuple[Right, ...] = ()
    disappearing: tuple[Right, ...] = ()
    data: tuple[Risk, ...] = ()
    deployables: tuple[Runs, ...] = ()
    approvals: tuple[Approval, ...] = ()
    found: tuple[Found, ...] = ()
    stacks: tuple[StackPreview, ...] = ()
    left: tuple[str, ...] = ()
    version: int = VERSION

    @property
    def unwell(self) -> tuple[StackPreview, ...]:
        """The stacks whose preview did not end well."""
        return tuple(stack for stack in self.stacks if stack.state not in {"done", "current"})

    @property
    def quiet(self) -> bool:
        """Whether nothing would change, as far as all of it could be looked at."""
        return self.complete and not any(stack.changes for stack in self.stacks)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        return dataclasses.asdict(self)


def read(path: Path) -> Report:
    """The report in a file that `plat preview` has written. Raises ReportProblem."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        msg = f"{path} cannot be read: {problem.strerror}"
        raise ReportProblem(msg) from None
    except ValueError:
        msg = f"{path} is no JSON: `plat preview --report {path}` writes a report"
        raise ReportProblem(msg) from None
    if not isinstance(content, dict) or content.get("version") != VERSION:
        msg = f"{path} is no report of this version of Plat: `plat preview --report {path}` writes one"
        raise ReportProblem(msg)
    try:
        return TypeAdapter(Report).validate_python(content)
    except ValidationError as problem:
        where = ".".join(map(str, problem.errors()[0]["loc"]))
        msg = f"{path} is no report: `{where}` is not as `plat preview --report {path}` writes it"
        raise ReportProblem(msg) from None
