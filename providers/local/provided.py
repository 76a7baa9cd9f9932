"""Where the set-up has put servers' programs."""

from __future__ import annotations

import json
import os
from pathlib import Path


def folder(variable: str, toolchain: Path) -> Path | None:
    """The folder that the environment or the set-up's file `toolchain` names by `variable`; None where neither does."""
    named = os.environ.get(variable) or _from_toolchain(variable, toolchain)
    return Path(named) if named else None


def _from_toolchain(variable: str, toolchain: Path) -> str:
    try:
        return str(json.loads(toolchain.read_text(encoding="utf-8"))["environment"][variable])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
