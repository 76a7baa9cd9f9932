"""Finds a Python 3.11 that everyone who must run it can run: the user, and the servant user when we are root."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from toolchain.errors import MissingToolError
from toolchain.site import SERVANT, enterable_by_all

_WANTED = "3.11"
_PYTHON = f"Python {_WANTED}"
_VENV = "Python 3.11's venv with ensurepip"
_GET_PYTHON = "`apt-get install python3.11 python3.11-venv` (as root)"
_GET_VENV = "`apt-get install python3.11-venv` (as root)"
_PROBE = "import sys, venv, ensurepip; print('.'.join(map(str, sys.version_info[:3])))"


@dataclass(frozen=True)
class Interpreter:
    """A Python that can make virtual environments."""

    path: Path
    version: str


def find_interpreter(*, root: bool) -> Interpreter:
    """Give the system's Python 3.11, else the first on the PATH that will do.

    Raises `MissingToolError` when there is none, or none that can make virtual environments.
    """
    candidates = [path for path in _candidates() if not root or enterable_by_all(path.resolve().parent)]
    if not candidates:
        reason = f"Plat runs on it, as user {SERVANT} too" if root else "Plat runs on it"
        raise MissingToolError(_PYTHON, reason, _GET_PYTHON)
    for path in candidates:
        if version := _version(path):
            return Interpreter(path, version)
    raise MissingToolError(_VENV, "it makes the environment of Plat's libraries", _GET_VENV)


def _candidates() -> list[Path]:
    found = ["/usr/bin/python3.11", shutil.which("python3.11"), sys.executable]
    existing = dict.fromkeys(Path(path) for path in found if path and Path(path).exists())
    return [path for path in existing if _runs_wanted(path)]


def _runs_wanted(path: Path) -> bool:
    probe = [str(path), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(probe, capture_output=True, text=True, check=False).stdout.strip() == _WANTED


def _version(path: Path) -> str:
    result = subprocess.run([str(path), "-c", _PROBE], capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else ""
