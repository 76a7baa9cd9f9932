"""Plans that have been made, kept for whoever needs the same one next: each stack's program, and its policy pack.

A plan follows from files alone: it is kept by a hash of all of them, those of Plat's own program included, and of the day.
It is pickled, into a folder that nobody else may enter: who can write there can read the passphrase beside it, and change
the program itself.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path

from plat.plan.model import Plan
from plat.versions import program_digest

_KEPT = 4
"""How many plans are kept: landscapes and environments that are worked on at one time."""


class Unkept(Exception):  # noqa: N818 - named for what happens, not for Python
    """A folder holds something whose content no hash tells: a link, a pipe, a file that cannot be read."""


def compiled(folder: Path, key: str, make: Callable[[], Plan]) -> Plan:
    """The plan that is kept below `folder` by `key`, else what `make` gives, which is kept if it can be."""
    path = folder / f"{key}.pickle"
    with suppress(OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError, TypeError):
        found = pickle.loads(path.read_bytes())  # noqa: S301 - see above
        if isinstance(found, Plan):
            return found
    plan = make()
    with suppress(OSError):
        _keep(path, plan)
    return plan


def key_of(root: Path, landscape: Path, others: Iterable[Path], stack: str, today: date) -> str:
    """What tells the plan of `stack` from all others. Raises Unkept where that cannot be told."""
    digest = hashlib.sha256(f"{stack}\0{today}\0{landscape}\0{program_digest(root)}".encode())
    for path in (*sorted(landscape.rglob("*")), *others):
        if path.is_dir() and not path.is_symlink():
            continue
        if path.is_symlink() or not path.is_file():
            raise Unkept(path)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Unkept(path) from error
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _keep(path: Path, plan: Plan) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(pickle.dumps(plan, protocol=pickle.HIGHEST_PROTOCOL))
    os.replace(file.name, path)  # noqa: PTH105 - of a name, not of a Path
    kept = sorted(path.parent.glob("*.pickle"), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in kept[_KEPT:]:
        old.unlink(missing_ok=True)
