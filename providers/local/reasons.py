"""Why a program does not run, in its own words and without secrets."""

from __future__ import annotations

import shutil
from collections.abc import Collection

from providers.common.errors import DiskFull, Problem, redacted, says_disk_full
from providers.local import files
from providers.local.errors import NotReady
from providers.local.machine import Machine
from providers.local.spec import Spec

_LINES = 5
_NO_ROOM = 65_536
"""Bytes free below which a log may not say why, since there was no room for that either."""


def not_ready(machine: Machine, program: Spec, why: str, secrets: Collection[str]) -> Problem:
    """Return the problem that `program` has, as the end of its log tells it."""
    log = machine.paths.log(program.name)
    lines = [redacted(line, secrets) for line in files.last_lines(log, _LINES)]
    if any(says_disk_full(line) for line in lines) or shutil.disk_usage(machine.paths.root).free < _NO_ROOM:
        return DiskFull(machine.paths.root)
    return NotReady(program.name, redacted(why, secrets), machine.home.shown(log), lines)
