"""Finds a Java that everyone who must run it can run: the user, and the servant user when we are root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from toolchain.site import enterable_by_all

OLDEST = 17
_VERSION = re.compile(r'version "(\d+)')


def find_java(search_path: str, *, root: bool, oldest: int = OLDEST) -> Path | None:
    """Give the program of JAVA_HOME, else the first of the search path, that is new enough; None where there is none."""
    home = os.environ.get("JAVA_HOME")
    named = [Path(home) / "bin" / "java"] if home else []
    found = [shutil.which("java", path=folder) for folder in search_path.split(os.pathsep) if folder]
    for program in (*named, *(Path(each) for each in found if each)):
        real = program.resolve()
        if real.is_file() and (not root or enterable_by_all(real.parent)) and _version(real) >= oldest:
            return real
    return None


def _version(java: Path) -> int:
    # It says so on its standard error, as `openjdk version "17.0.15" 2025-04-15`.
    said = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=False)
    match = _VERSION.search(said.stderr + said.stdout)
    return int(match[1]) if match else 0
