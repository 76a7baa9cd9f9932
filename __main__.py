"""The Pulumi program: load, check, plan, provision. The stack's name says which landscape and which environment."""

from __future__ import annotations

import os
from pathlib import Path

import pulumi

from components.configuration import require_configuration
from components.landscape import meet, provision
from components.secrets import GIVEN, OUTPUT
from plat.plan.shares import LATER
from plat.project import Project, Refusal
from plat.versions import program_digest

ROOT = Path(__file__).parent

try:
    project = Project(ROOT)
    project.require_backend(pulumi.get_stack())
    share = project.share(pulumi.get_stack())
except Refusal as refusal:
    # The first lock: nothing is registered while a rule is broken, whatever the policy pack does later.
    for line in refusal.lines:
        pulumi.log.error(line)
    raise SystemExit(1) from None

later = [name for name in os.environ.get(LATER, "").split(",") if name]
require_configuration(share.plan, ROOT)
meet(share.plan, ROOT)
landscape = provision(share.without(later))
pulumi.export("digest", "" if later else landscape.once_made(share.plan.digest))
pulumi.export("program", landscape.once_made(program_digest(ROOT)))
pulumi.export("received", landscape.generated.received)
pulumi.export(GIVEN, landscape.generated.fingerprint())
pulumi.export(OUTPUT, landscape.secrets)
