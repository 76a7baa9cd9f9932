"""The rules over the map: pure functions over the whole landscape, beside the rules over claims.

Claims say what is there, so that the same rules judge descriptors, resources and servers. What a design is worth cannot be
read out of a resource: these rules judge the landscape as its teams wrote it.
"""

from __future__ import annotations

from datetime import date

from plat.landscape import Landscape
from plat.rules.map import contracts, cycles, direction, fronts, kernel, mud, offers, owners, releases, separation, statements
from plat.rules.map.exceptions import EXCEPTION_RULES, Accepted, Judgement, weigh
from plat.rules.map.model import Flaw, MapRule, pair

__all__ = ["EXCEPTION_RULES", "MAP_RULES", "Accepted", "Flaw", "Judgement", "MapRule", "judge_map", "pair"]

MAP_RULES: tuple[MapRule, ...] = (
    separation.RULE,
    direction.CONSUMING,
    direction.MUTUAL,
    statements.PARTNERS,
    statements.CONTRADICTIONS,
    kernel.CONTRACT,
    kernel.WIDTH,
    contracts.EXPIRED,
    contracts.SOON_EXPIRED,
    contracts.OWNERS,
    contracts.UNUSED,
    offers.OFFERED,
    offers.SCHEMAS,
    offers.RETIRED,
    fronts.INTERFACES,
    fronts.EXTERNALS,
    owners.TWO_TEAMS,
    owners.ENABLING,
    owners.BROKER,
    cycles.CYCLE,
    cycles.GENERIC,
    releases.DISTRIBUTED,
    releases.EARLY,
    releases.DUE,
    mud.RULE,
)
"""Every rule over the map, in the order in which a reader should meet them."""


def judge_map(landscape: Landscape, today: date) -> Judgement:
    """Judge `landscape` as it is on the day `today` by every rule over the map, and weigh the exceptions that it makes."""
    found = (finding for rule in MAP_RULES for finding in rule.findings(landscape, today))
    return weigh(found, landscape, today, MAP_RULES)
