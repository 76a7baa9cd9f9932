"""What a report is made of, so that a stale one can be told."""

from __future__ import annotations

import subprocess
from pathlib import Path

from plat.plan.model import Plan
from plat.preview.model import Made
from plat.versions import PARTS, program_digest


def made_of(plan: Plan, root: Path, landscape: Path) -> Made:
    """The commit of the project in `root`, where it is in a repository, and the digests of plan and program.

    It is not clean where something is in no commit that decides: in `landscape`, a folder, or in Plat itself.
    """
    commit = _git(root, "rev-parse", "HEAD")
    parts = [str(root / part) for part in (*PARTS, "stacks") if (root / part).exists()]
    changed = _git(landscape, "status", "--porcelain", "--", ".") or _git(root, "status", "--porcelain", "--", *parts)
    return Made(commit, bool(commit) and not changed, plan.digest, program_digest(root))


def _git(folder: Path, *words: str) -> str:
    try:
        result = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=False)
    except OSError:
        return ""  # There is no git here, and so no commit.
    return result.stdout.strip() if result.returncode == 0 else ""
