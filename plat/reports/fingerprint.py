"""What a finding is known by from run to run, whatever happens to the lines around it."""

from __future__ import annotations

import hashlib
import re

from plat.findings import Finding

_QUOTED = re.compile(r"`([^`]*)`")
_INDEX = re.compile(r"\[[0-9]+\]")


def identity(finding: Finding, landscape: str) -> str:
    """What makes `finding` the same one in another run: a digest (hex) of its rule, file, field, subject and names.

    Lines, columns and positions in lists are left out, since they move; of the message only the quoted names count, so that
    another wording makes no other finding. Two findings of one run can share it: a report numbers those.
    """
    file = finding.location.file.partition("/")[2] if finding.location else ""
    names = _QUOTED.findall(finding.message)
    parts = [finding.rule, landscape, file, _INDEX.sub("[]", finding.field), finding.subject, *names]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
