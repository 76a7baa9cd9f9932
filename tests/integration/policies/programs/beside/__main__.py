"""A sound landscape made by Plat's components, and beside it what somebody has written by hand (see stories.py)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[4])]

import pulumi  # noqa: E402 - the checkout has to be found first
import stories  # type: ignore[import-not-found] # noqa: E402 - beside this file

from components.landscape import provision  # noqa: E402
from plat.plan.shares import whole  # noqa: E402
from plat.project import Project  # noqa: E402

plan = Project(HERE.parents[4]).plan(pulumi.get_stack())
landscape = provision(whole(plan))
for story in os.environ.get("STORIES", "").split():
    stories.STORIES[story](stories.Beside(plan, landscape.secrets, landscape))
