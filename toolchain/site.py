"""Where things are on this machine: the checkout, the cache that checkouts share, and who may enter which folder."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.errors import UnusableFolderError

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVANT = "plat"
"""The system user that servers and deployables run as when the set-up runs as root: PostgreSQL refuses root."""


@dataclass(frozen=True)
class Site:
    """The checkout and the cache, and whether we are root."""

    checkout: Path
    cache: Path
    root: bool

    @property
    def local(self) -> Path:
        """The checkout's machine-local folder: state, passphrase, servers of the local target."""
        return self.checkout / ".plat"

    @property
    def logs(self) -> Path:
        """Where the output of long steps is kept."""
        return self.cache / "logs"


def this_site(checkout: Path, variables: Mapping[str, str], *, root: bool) -> Site:
    """Find the cache, make it where it is missing, and refuse one that could not be used later."""
    cache = cache_folder(variables, root=root)
    if any(character.isspace() for character in f"{cache}"):
        reason = "interpreter lines of scripts cannot carry spaces"
        raise UnusableFolderError(cache, reason, "Set PLAT_CACHE to a folder without spaces")
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o755)
    except OSError as error:
        remedy = "Set PLAT_CACHE to a folder that you may write to"
        raise UnusableFolderError(cache, error.strerror or "no access", remedy) from error
    if root and not enterable_by_all(cache):
        reason = f"user {SERVANT}, whom servers run as, cannot enter it"
        remedy = "Let others enter it and the folders above (chmod o+rx), or set PLAT_CACHE to another folder"
        raise UnusableFolderError(cache, reason, remedy)
    return Site(checkout, cache, root)


def cache_folder(variables: Mapping[str, str], *, root: bool) -> Path:
    """Give the folder that all checkouts of this machine, or of this user, share: `PLAT_CACHE` or a default."""
    if chosen := variables.get("PLAT_CACHE"):
        return Path(chosen).absolute()
    if root:
        return Path("/var/cache/plat")
    return Path(variables.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plat"


def enterable_by_all(folder: Path) -> bool:
    """Tell whether any user may enter the folder: it and all folders above it give others the right to search."""
    real = folder.resolve()
    return all(each.stat().st_mode & stat.S_IXOTH for each in (real, *real.parents))


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that readers see the old or the new text and nothing between, in its mode from the start."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    draft.chmod(mode)
    draft.replace(path)


def point(link: Path, target: Path) -> None:
    """Make the symbolic link, or turn it to another target, in one move."""
    draft = link.with_name(f".{link.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)


def outside(search_path: str, site: Site) -> str:
    """Leave the set-up's own folders out of a search path: what lies there is not installed, but made by us."""
    ours = (site.cache.resolve(), site.local.resolve(), (site.checkout / ".venv").resolve())
    folders = [folder for folder in search_path.split(os.pathsep) if folder]
    return os.pathsep.join(folder for folder in folders if not _within(Path(folder), ours))


def _within(folder: Path, roots: tuple[Path, ...]) -> bool:
    return any(folder.resolve().is_relative_to(root) for root in roots)
