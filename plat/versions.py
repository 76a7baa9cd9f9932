"""Which version of Plat's own program an update was made by."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

PARTS = ("Pulumi.yaml", "__main__.py", "components", "plat", "policies", "providers", "requirements.txt")
"""Below a project: what decides what an update does."""

_PASSED = ("__pycache__", ".pyc")


@cache
def program_digest(root: Path) -> str:
    """SHA-256 (hex) of all files below `root` that decide what an update does, pinned libraries and plugins with them.

    It is read once: a process goes on with what it has loaded, whatever happens to the files.
    """
    digest = hashlib.sha256()
    for part in PARTS:
        path = root / part
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and not any(word in f"{file}" for word in _PASSED):
                digest.update(f"{file.relative_to(root)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
