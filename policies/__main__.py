"""Starts the policy pack. Only here is the PolicyPack made, since making one serves it and never returns."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pulumi_policy import EnforcementLevel, PolicyPack  # noqa: E402 - the checkout has to be found first

from plat.asked import listed  # noqa: E402
from plat.garbage import uncollected  # noqa: E402
from plat.held import Held  # noqa: E402
from plat.plan.shares import LEAVING  # noqa: E402
from policies import pack, unbending  # noqa: E402
from policies.bench import Bench  # noqa: E402
from policies.ground import Ground  # noqa: E402


@uncollected(for_good=True)
def convene() -> Bench:
    """The bench for the landscape that the stack's name tells. Raises Refusal where it cannot be loaded."""
    held = Held(ROOT, os.environ.get("PULUMI_STACK", ""))
    share = held.share().leaving(listed(LEAVING))
    # Who owns what, and what leads where, only the whole landscape tells.
    return Bench(Ground(*held.judged_by(), share) if share.name else Ground.of(share.plan))


unbending.install()
PolicyPack(name=pack.NAME, policies=pack.policies(convene), enforcement_level=EnforcementLevel.MANDATORY)
