"""Exceptions: findings of rules over the map that a landscape accepts until a day, with somebody who answers for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from plat.descriptors.suggest import did_you_mean
from plat.explanation import Explanation, Group
from plat.findings import Finding, Severity
from plat.landscape import Landscape, LinkedException
from plat.rules.map.model import MapRule

_SOURCE = (
    "Neal Ford, Rebecca Parsons and Patrick Kua, Building Evolutionary Architectures (2017), ch. 2 'Fitness Functions': what "
    "guards an architecture fails the build, and what it lets through is written down"
)
_EXAMPLE = """\
# landscape.yaml
exceptions:
  - rule: synchronous-cycle
    subject: booking / catalog
    reason: Catalog asks Booking for free tables until it consumes TableFreed.
    owner: booking-team
    until: 2027-03-31
"""

EXPIRED = Explanation(
    id="expired-exception",
    title="An exception ends on its day",
    severity=Severity.ERROR,
    why=(
        "One exception sets a precedent. What was accepted for a while is a decision with an owner and an end; when the end "
        "has come, either the map is mended by now or somebody decides anew."
    ),
    fix="mend what the exception was about and take it out, or agree on a later day with its owner",
    source=_SOURCE,
    example=_EXAMPLE,
    group=Group.MAP,
)
UNUSED = Explanation(
    id="unused-exception",
    title="An exception that nothing needs is taken out",
    severity=Severity.WARNING,
    why=(
        "An exception whose finding is gone, or that names its subject wrongly, would accept the next one of its kind that "
        "nobody has looked at."
    ),
    fix="take the exception out, or write rule and subject as `plat check` prints them",
    source=_SOURCE,
    example=_EXAMPLE,
    group=Group.MAP,
)
REFUSED = Explanation(
    id="exception-not-allowed",
    title="Only findings of rules over the map are accepted",
    severity=Severity.ERROR,
    why=(
        "A rule over the map judges a design, which a team may have reasons for. The rules over ownership, rights and "
        "contracts hold up the fences: with one exception among them no other context is safe. Who has to read another "
        "context's data agrees on a DataContract."
    ),
    fix="take the exception out and comply with the rule; for another context's data agree on a DataContract",
    source="Sam Newman, Building Microservices (2nd ed., 2021), ch. 2 'Information hiding': what is shared is shared on "
    "purpose, by a contract",
    example=_EXAMPLE,
    group=Group.MAP,
)

EXCEPTION_RULES = (EXPIRED, UNUSED, REFUSED)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that stands against nothing until the exception's day."""

    finding: Finding
    exception: LinkedException

    def to_dict(self) -> dict[str, Any]:
        """Give the finding as plain values for JSON, with why, by whom and until when it is accepted."""
        exception = self.exception
        until = {"reason": exception.reason, "owner": exception.owner, "until": exception.until.isoformat()}
        return {**self.finding.to_dict(), "exception": {**until, "location": exception.location.to_dict()}}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What rules over the map say: what stands against a landscape, and what it accepts; both sorted."""

    findings: tuple[Finding, ...]
    accepted: tuple[Accepted, ...]


def weigh(findings: Iterable[Finding], landscape: Landscape, today: date, rules: Sequence[MapRule]) -> Judgement:
    """Take the findings of `rules` that are accepted on the day `today` from the others, and judge the exceptions."""
    known = {rule.id: rule for rule in rules}
    allowed = [accepted for accepted in landscape.exceptions if accepted.rule in known and known[accepted.rule].exceptable]
    in_force = {(accepted.rule, accepted.subject): accepted for accepted in allowed if today <= accepted.until}
    standing: list[Finding] = []
    taken: list[Accepted] = []
    for finding in sorted(set(findings)):
        exception = in_force.get((finding.rule, finding.subject))
        if exception is None:
            standing.append(finding)
        else:
            taken.append(Accepted(finding, exception))
    used = {(accepted.finding.rule, accepted.finding.subject) for accepted in taken}
    for accepted in landscape.exceptions:
        standing += _judge(accepted, today, known, is_used=(accepted.rule, accepted.subject) in used)
    return Judgement(tuple(sorted(standing)), tuple(taken))


def _judge(accepted: LinkedException, today: date, known: Mapping[str, MapRule], *, is_used: bool) -> Iterator[Finding]:
    if accepted.rule not in known:
        message = f"`{accepted.rule}` is no rule over the map, and only findings of those are accepted"
        yield _finding(REFUSED, accepted, "rule", message, did_you_mean(accepted.rule, _exceptable(known)))
    elif not known[accepted.rule].exceptable:
        yield _finding(REFUSED, accepted, "rule", f"rule `{accepted.rule}` has no exceptions: {known[accepted.rule].title}")
    elif accepted.until < today:
        message = f"the exception of `{accepted.rule}` for {accepted.subject} ended on {accepted.until} ({accepted.owner})"
        yield _finding(EXPIRED, accepted, "until", message)
    elif not is_used:
        message = f"nothing needs the exception of `{accepted.rule}` for {accepted.subject}"
        yield _finding(UNUSED, accepted, "", message)


def _exceptable(known: Mapping[str, MapRule]) -> list[str]:
    return [name for name, rule in known.items() if rule.exceptable]


def _finding(rule: Explanation, accepted: LinkedException, field: str, message: str, hint: str = "") -> Finding:
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        message=message,
        location=accepted.at(field),
        field=accepted.source.path(field),
        subject=accepted.subject,
        hint=hint or rule.fix,
    )
