"""What a check found, ready to be told in any format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from plat.descriptors.errors.reading import UNREADABLE_RULES
from plat.findings import Finding, Location, Severity
from plat.places import Places
from plat.project import Checked
from plat.reports.fingerprint import identity
from plat.rules.map import Accepted


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why, by whom and until when a finding is accepted, and where that stands."""

    reason: str
    owner: str
    until: date
    location: Location


@dataclass(frozen=True, slots=True)
class Told:
    """One finding with the landscape that it is in; `fingerprint` stays the same while lines move.

    Where `exemption` is there, the landscape accepts the finding and it stands against nothing.
    """

    landscape: str
    finding: Finding
    fingerprint: str
    exemption: Exemption | None = None

    @property
    def location(self) -> Location:
        """Where the finding is; the landscape's folder where it has no place."""
        return self.finding.location or Location(self.landscape)


@dataclass(frozen=True, slots=True)
class Judged:
    """One landscape with what was found in it, sorted; `contexts` and `deployables` are None where it cannot be linked."""

    name: str
    contexts: int | None
    deployables: int | None
    told: tuple[Told, ...]

    @property
    def standing(self) -> tuple[Told, ...]:
        """What stands against it."""
        return tuple(told for told in self.told if told.exemption is None)

    @property
    def accepted(self) -> tuple[Told, ...]:
        """What it accepts."""
        return tuple(told for told in self.told if told.exemption is not None)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many errors and warnings stand against it, and how many findings it accepts."""
        found = Counter(str(told.finding.severity) for told in self.standing)
        return {**{str(severity): found[severity] for severity in Severity}, "accepted": len(self.accepted)}

    @property
    def ok(self) -> bool:
        """Whether no error stands against it."""
        return not self.counts[Severity.ERROR]


@dataclass(frozen=True, slots=True)
class Report:
    """What `command` found about some landscapes on the day `today`; `whole` tells whether all of them were looked at."""

    landscapes: tuple[Judged, ...]
    today: date
    whole: bool
    command: str = "check"

    @classmethod
    def of(cls, results: Mapping[str, Checked], places: Places, today: date, *, whole: bool) -> Report:
        """The report of the results by landscape, with the files named as `places` does."""
        landscapes = tuple(_judged(name, result, places) for name, result in results.items())
        return cls(landscapes, today, whole)

    @property
    def told(self) -> tuple[Told, ...]:
        """Every finding of every landscape."""
        return tuple(told for landscape in self.landscapes for told in landscape.told)

    @property
    def counts(self) -> Mapping[str, int]:
        """The counts of all landscapes together."""
        total: Counter[str] = Counter()
        for landscape in self.landscapes:
            total.update(landscape.counts)
        return {name: total[name] for name in (*map(str, Severity), "accepted")}

    @property
    def ok(self) -> bool:
        """Whether no error stands against any landscape."""
        return all(landscape.ok for landscape in self.landscapes)

    @property
    def readable(self) -> bool:
        """Whether every file could be read, so that the report says all there is to say."""
        return not any(told.finding.rule in UNREADABLE_RULES for told in self.told)


def _judged(name: str, result: Checked, places: Places) -> Judged:
    found = result.landscape
    told = tuple(_told(name, result, places))
    return Judged(name, len(found.contexts) if found else None, len(found.deployables) if found else None, told)


def _told(name: str, result: Checked, places: Places) -> Iterator[Told]:
    exemptions = {accepted.finding: _exemption(accepted, name, places) for accepted in result.accepted}
    seen: Counter[str] = Counter()
    for finding in sorted((*result.findings, *exemptions)):
        known_by = identity(finding, name)
        seen[known_by] += 1
        yield Told(name, places.moved(finding, name), f"{known_by}:{seen[known_by]}", exemptions.get(finding))


def _exemption(accepted: Accepted, landscape: str, places: Places) -> Exemption:
    exception = accepted.exception
    where = places.place(exception.location, landscape)
    return Exemption(exception.reason, exception.owner, exception.until, where)
