"""Who must approve: the teams of all that is touched, and those on the other side of what is between two."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from plat.impact import impact_of, targets
from plat.landscape import Landscape
from plat.plan.model import PLATFORM, Plan
from plat.preview.model import Approval, Right, Risk
from plat.preview.owners import Owners

_Reason = tuple[str, str]
"""A team, and why it must approve."""


def approvals(  # noqa: PLR0913, PLR0917 - each kind of change has its own reasons
    landscape: Landscape,
    plan: Plan,
    touched: Iterable[str],
    appearing: Iterable[Right],
    disappearing: Iterable[Right],
    risks: Iterable[Risk],
) -> tuple[Approval, ...]:
    """The teams that must approve, by name, each with all its reasons."""
    owners = Owners(plan)
    touched = tuple(touched)
    own = {owners.team(owner) for owner in touched}
    reasons = [
        *_of_owners(touched, owners),
        *_of_rights(appearing, "may", owners, own),
        *_of_rights(disappearing, "may no longer", owners, own),
        *_of_readers(disappearing, plan, owners),
        *_of_risks(risks, landscape),
    ]
    platform = owners.team(PLATFORM)
    found: dict[str, dict[str, None]] = {}
    for team, reason in reasons:
        found.setdefault(team or platform, {})[reason] = None
    contacts = {team.name: team.contact for team in landscape.teams}
    return tuple(Approval(team, contacts.get(team), tuple(why)) for team, why in sorted(found.items()))


def _of_owners(touched: Iterable[str], owners: Owners) -> Iterator[_Reason]:
    for owner in touched:
        if owner == PLATFORM:
            yield owners.team(owner), "answers for the platform"
        elif team := owners.team(owner):
            yield team, f"owns {owner}"
        else:
            yield "", f"answers for what is left of {owner}, of which no descriptor speaks any more"


def _of_rights(rights: Iterable[Right], may: str, owners: Owners, own: Collection[str]) -> Iterator[_Reason]:
    """Both sides of what is between two; who is touched by it too, of the teams `own`, knows that from what it owns."""
    for right in rights:
        who, other = owners.team(right.who), owners.team(right.other) if right.other else ""
        if other and other != who:
            yield other, f"{right.who} {may} {right.what}"
        if who and right.other and who not in own:
            yield who, f"{right.who} {may} {right.what}"


def _of_readers(disappearing: Iterable[Right], plan: Plan, owners: Owners) -> Iterator[_Reason]:
    """Who still reads what its owner may no longer publish."""
    gone = {right.what: right.who for right in disappearing}
    for queue in plan.broker.queues if plan.broker else ():
        if who := gone.get(f"publish to {queue.exchange} with {queue.routing_key}"):
            yield owners.team(queue.consumer), f"{queue.consumer} reads {queue.event}, which {who} may no longer publish"
    for item in plan.broker.subscriptions if plan.broker else ():
        if who := gone.get(f"publish to {item.topic}"):
            yield owners.team(item.consumer), f"{item.consumer} reads {item.event}, which {who} may no longer publish"


def _of_risks(risks: Iterable[Risk], landscape: Landscape) -> Iterator[_Reason]:
    known = targets(landscape)
    for owner in dict.fromkeys(risk.owner for risk in risks):
        for affected in impact_of(landscape, known[owner]).affected if owner in known else ():
            if affected.direct:
                ties = "; ".join(tie.what for tie in affected.ties)
                yield affected.party.team, f"{affected.party.name} {ties}, whose data is at risk"
