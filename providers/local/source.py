"""The code that deployables run: the checkout itself, or a copy where the service user may not read it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from providers.local import files, spec
from providers.local.errors import Unusable
from providers.local.locks import locked
from providers.local.machine import Machine

_LIMIT = 200_000_000
_LEFT_OUT = frozenset({"__pycache__", "node_modules"})


def require_inside(root: Path, workdir: str, name: str) -> None:
    """Raise Unusable where `workdir` is no folder of the checkout `root`; `name` is the process that wants it."""
    folder = (root / workdir).resolve()
    if not folder.is_relative_to(root.resolve()):
        msg = f"{name}: workdir {workdir} leads out of the checkout"
        raise Unusable(msg)
    if not folder.is_dir():
        msg = f"{name}: workdir {workdir} is no folder of the checkout"
        raise Unusable(msg)


def workdir(machine: Machine, relative: str) -> str:
    """Return the folder that a process shall run in: `relative` itself, or its place in a copy of the checkout."""
    if not machine.account.switches:
        return relative
    # Asked of the kernel, which knows modes, lists and mounts; the checkout is entered before the account is taken on.
    asked = machine.account.run(["test", "-r", relative, "-a", "-x", relative], cwd=machine.home.root)
    return relative if asked.returncode == 0 else str(_copied(machine) / relative)


def _copied(machine: Machine) -> Path:
    """Return a copy of the checkout as it is now, which belongs to the service user."""
    root = machine.home.root.resolve()
    with locked(machine.paths.root / ".lock-source", "the copy of the checkout"):
        found = list(_files(root))
        copy = machine.paths.source / _digest(root, found)
        if not copy.exists():
            if sum(path.stat().st_size for path in found) > _LIMIT:
                msg = f"user `plat` cannot read {root}, and it is too large to copy: chmod o+rx {root}"
                raise Unusable(msg)
            _copy(machine, root, found, copy)
        return copy


def _copy(machine: Machine, root: Path, found: list[Path], copy: Path) -> None:
    making = copy.with_name(f".{copy.name}")
    shutil.rmtree(making, ignore_errors=True)
    files.make_folder(making, 0o700)
    for path in found:
        target = making / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
    for folder, _, _ in os.walk(making):
        Path(folder).chmod(0o755)
    # What the checkout kept from others stays so.
    files.make_folder(making, 0o700, machine.account)
    making.rename(copy)
    used = {item.workdir for item in spec.load_all(machine.paths.specs)}
    for old in machine.paths.source.iterdir():
        if old != copy and not any(path.startswith(str(old)) for path in used):
            shutil.rmtree(old, ignore_errors=True)


def _files(root: Path) -> Iterator[Path]:
    """Return the checkout's files except hidden ones, which hold history, state and caches, and no code."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _LEFT_OUT)
        for name in sorted(names):
            path = Path(folder) / name
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _digest(root: Path, found: list[Path]) -> str:
    lines = (f"{path.relative_to(root)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in found)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
