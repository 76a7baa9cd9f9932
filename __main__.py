"""The Pulumi program: load, check, plan, provision. The stack's name says which landscape and which environment."""

from __future__ import annotations

from pathlib import Path

import pulumi

from components.configuration import require_configuration
from components.landscape import meet, provision
from components.secrets import GIVEN, OUTPUT
from plat.asked import listed
from plat.garbage import uncollected
from plat.held import Held
from plat.plan.shares import LATER, LEAVING
from plat.refusal import Refusal
from plat.versions import program_digest

ROOT = Path(__file__).parent

try:
    held = Held(ROOT, pulumi.get_stack())
    held.require_backend()
    with uncollected(for_good=True):
        share = held.share()
except Refusal as refusal:
    # The first lock: nothing is registered while a rule is broken, whatever the policy pack does later.
    for line in refusal.lines:
        pulumi.log.error(line)
    raise SystemExit(1) from None

later, leaving = listed(LATER), listed(LEAVING)
require_configuration(share.plan, ROOT)
meet(share.plan, ROOT)
landscape = provision(share.without(later).leaving(leaving))
pulumi.export("digest", "" if later or leaving else landscape.once_made(share.digest))
pulumi.export("program", landscape.once_made(program_digest(ROOT)))
pulumi.export("received", landscape.generated.received)
pulumi.export(GIVEN, landscape.generated.fingerprint())
pulumi.export(OUTPUT, landscape.secrets)
