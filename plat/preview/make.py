"""Makes the report on a preview, of what the engine says of each stack."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from plat.engine.steps import Log, Step
from plat.landscape import Landscape
from plat.plan.model import Plan
from plat.plan.shares import Share
from plat.preview import kinds
from plat.preview.approvals import approvals
from plat.preview.model import Change, Found, Made, Report, Right, Risk, Runs, StackPreview, Touched
from plat.preview.owners import Owners
from plat.preview.rights import Known, difference
from plat.rollout.model import Outcome, State

_MANDATORY = "mandatory"


@dataclass(frozen=True, slots=True)
class Looked:
    """One stack that was looked at: how that ended, what the engine said, and the plan that it was last brought up with."""

    share: Share
    outcome: Outcome
    log: Log = field(default_factory=Log)
    since: str = ""

    @property
    def whole(self) -> bool:
        """Whether all that would change of it is known."""
        done = self.outcome.state == State.DONE and self.log.whole and not self.refused
        return done or self.outcome.state == State.CURRENT

    @property
    def refused(self) -> bool:
        """Whether the policy pack does not let it pass."""
        return any(violation.level == _MANDATORY for violation in self.log.violations)


@dataclass
class _Words:
    """What the steps of all stacks come to."""

    touched: dict[str, list[str]] = field(default_factory=dict)
    appearing: set[Right] = field(default_factory=set)
    disappearing: set[Right] = field(default_factory=set)
    risks: dict[Risk, None] = field(default_factory=dict)
    runs: dict[tuple[str, str], str] = field(default_factory=dict)


def preview(  # noqa: PLR0913, PLR0917 - an argument for each thing that a report names
    landscape: Landscape,
    plan: Plan,
    stacks: Sequence[Looked],
    made: Made,
    units: Sequence[str] = (),
    left: Sequence[str] = (),
) -> Report:
    """The report on what was looked at; `units` were asked for, all where there are none."""
    owners, words, known = Owners(plan), _Words(), Known(plan)
    for looked in stacks:
        for step in looked.log.steps:
            _tell(step, owners.of(step, looked.log, looked.share), known, words)
    # What one stack takes away and another gives has only moved.
    appearing = tuple(sorted(words.appearing - words.disappearing))
    disappearing = tuple(sorted(words.disappearing - words.appearing))
    return Report(
        landscape=plan.landscape,
        environment=plan.environment,
        units=tuple(units),
        made=made,
        complete=all(looked.whole for looked in stacks),
        contexts=tuple(Touched(name, owners.team(name), tuple(told)) for name, told in sorted(words.touched.items())),
        appearing=appearing,
        disappearing=disappearing,
        data=tuple(words.risks),
        deployables=tuple(
            Runs(name, owners.team(name) or owners.team(owner), happens)
            for (name, owner), happens in sorted(words.runs.items())
        ),
        approvals=approvals(landscape, plan, sorted(words.touched), appearing, disappearing, words.risks),
        found=tuple(found for looked in stacks for found in _found(looked)),
        stacks=tuple(_stack(looked) for looked in stacks),
        left=tuple(left),
    )


def _tell(step: Step, owner: str, known: Known, words: _Words) -> None:
    if kinds.is_silent(step):
        return
    words.touched.setdefault(owner, []).append(kinds.phrase(step))
    appearing, disappearing = difference(step, owner, known)
    words.appearing |= appearing
    words.disappearing |= disappearing
    if kinds.noun(step) == kinds.DEPLOYABLE and step.name not in {server.name for server in known.plan.servers}:
        words.runs[step.name, owner] = kinds.runs(step)
    if step.op in {"delete", "replace"} and kinds.holds_data(step):
        words.risks[Risk(f"{kinds.noun(step)} `{step.name}`", owner, _happens(step))] = None


def _happens(step: Step) -> str:
    if step.protected:
        return "it is protected: `plat up` refuses this, and deletes nothing of it"
    if step.retained:
        return "it leaves Plat's care, and is kept as it is"
    return "it is deleted with all that is in it" + (", and made anew, empty" if step.op == "replace" else "")


def _found(looked: Looked) -> Iterator[Found]:
    for violation in looked.log.violations:
        stack, name = str(looked.share.stack), violation.urn.split("::", 3)[-1]
        yield Found(stack, violation.policy, violation.level, name, violation.message)


def _stack(looked: Looked) -> StackPreview:
    outcome = looked.outcome
    state, reason = str(outcome.state), outcome.reason
    if outcome.state == State.DONE and not looked.whole:
        state = str(State.FAILED)
        reason = "the policy pack refuses it" if looked.refused else "Pulumi did not say that it had come to an end"
    said = dict.fromkeys(problem for problem in looked.log.problems if problem != "preview failed")
    return StackPreview(
        stack=str(looked.share.stack),
        unit=looked.share.unit,
        team=looked.share.team,
        state=state,
        reason="\n".join((reason, *said)) if state not in {str(State.DONE), str(State.CURRENT)} else "",
        since=looked.since,
        to=looked.share.digest,
        changes=tuple(
            Change(step.op, step.type, step.name, step.urn, step.keys)
            for step in sorted(looked.log.steps, key=lambda step: (step.urn, step.op))
        ),
    )


def without(looked: Looked, secrets: Sequence[str]) -> Looked:
    """The same with no secret in what was said, should a program or a server have said one."""

    def clean(text: str) -> str:
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            text = text.replace(secret, "[secret]")
        return text

    log = dataclasses.replace(
        looked.log,
        problems=[clean(problem) for problem in looked.log.problems],
        violations=[dataclasses.replace(one, message=clean(one.message)) for one in looked.log.violations],
    )
    outcome = dataclasses.replace(looked.outcome, reason=clean(looked.outcome.reason))
    return dataclasses.replace(looked, log=log, outcome=outcome)
