"""What a change leads to."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plat.findings import Location
from plat.impact.target import Target


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody on the map: a context or a deployable of its own, whose it is, how its team is reached and what runs for it."""

    name: str
    kind: str
    team: str
    contact: str | None
    deployables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tie:
    """Why somebody is affected: `what` it does with something of `on`, where it says so, and what it may do because of it.

    `kind` is `call`, `event`, `access`, `contract`, `carries`, or the pattern of a symmetric relation; `pattern` is what the
    affected side says of the relation.
    """

    kind: str
    on: str
    what: str
    pattern: str | None
    location: Location
    rights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Affected:
    """Somebody whom the change reaches: directly, or `through` others, the nearest to the change first."""

    party: Party
    ties: tuple[Tie, ...]
    through: tuple[str, ...] = ()

    @property
    def direct(self) -> bool:
        """Whether it uses the changed thing itself."""
        return not self.through


@dataclass(frozen=True, slots=True)
class Impact:
    """Everybody whom a change of `target` reaches; `owner` is whose it is.

    `public` are operations that everybody outside may call; `released_with` are further contexts that the owner's own
    deployables carry, and so release.
    """

    target: Target
    owner: Party
    affected: tuple[Affected, ...]
    public: tuple[str, ...]
    released_with: tuple[str, ...]

    @property
    def teams(self) -> tuple[tuple[str, str | None, tuple[str, ...]], ...]:
        """The teams to talk to, with their contacts and what of theirs is affected; the owner's own team is left out."""
        found: dict[str, tuple[str | None, list[str]]] = {}
        for affected in self.affected:
            if affected.party.team != self.owner.team:
                found.setdefault(affected.party.team, (affected.party.contact, []))[1].append(affected.party.name)
        return tuple((team, contact, tuple(names)) for team, (contact, names) in sorted(found.items()))

    def moved(self, place: Callable[[Location], Location]) -> Impact:
        """The same with every location as `place` tells it."""
        affected = tuple(
            dataclasses.replace(one, ties=tuple(dataclasses.replace(tie, location=place(tie.location)) for tie in one.ties))
            for one in self.affected
        )
        target = dataclasses.replace(self.target, location=place(self.target.location))
        return dataclasses.replace(self, target=target, affected=affected)

    def to_dict(self) -> dict[str, Any]:
        """The impact as plain values for JSON, every key always there."""
        return {
            "target": {
                "name": self.target.name,
                "kind": self.target.kind,
                "location": self.target.location.to_dict(),
                "owner": _party(self.owner),
                "public": list(self.public),
                "released_with": list(self.released_with),
            },
            "affected": [
                {
                    **_party(one.party),
                    "direct": one.direct,
                    "through": list(one.through),
                    "ties": [{**_tie(tie), "location": tie.location.to_dict()} for tie in one.ties],
                }
                for one in self.affected
            ],
            "teams": [{"name": name, "contact": contact, "affected": list(names)} for name, contact, names in self.teams],
        }


def _party(party: Party) -> dict[str, Any]:
    return {**dataclasses.asdict(party), "deployables": list(party.deployables)}


def _tie(tie: Tie) -> dict[str, Any]:
    return {"kind": tie.kind, "on": tie.on, "what": tie.what, "pattern": tie.pattern, "rights": list(tie.rights)}
