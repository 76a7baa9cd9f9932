"""The machine-local side of a checkout: `.plat/` with state and passphrase, and the user that servers run as."""

from __future__ import annotations

import hashlib
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.errors import (
    CommandFailedError,
    EmptyPassphraseError,
    LostPassphraseError,
    MissingToolError,
    SetupError,
    UnusableFolderError,
)
from toolchain.site import SERVANT, Site, enterable_by_all, point, write_whole

if TYPE_CHECKING:
    from toolchain.progress import Step

_ELSEWHERE = Path("/var/lib/plat")
_PASSPHRASE_BYTES = 32
_ADD_SERVANT = ("useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")


class Checkout:
    """`.plat/`, made once; nothing in it is ever made anew while a stack depends on it."""

    name = "checkout"

    def __init__(self, site: Site) -> None:
        self._site = site

    def lacks(self) -> list[SetupError]:
        """Name a missing useradd, and a `.plat` that the servant user could not enter."""
        found: list[SetupError] = []
        if self._site.root and not _servant_exists() and not shutil.which("useradd"):
            remedy = "`apt-get install passwd` (as root)"
            found.append(MissingToolError("useradd", f"it makes the user {SERVANT} that servers run as", remedy))
        local = self._site.local
        if local.is_dir() and not local.is_symlink() and self._elsewhere():
            reason = f"user {SERVANT}, whom servers run as, cannot enter it"
            remedy = f"Stop what runs in it, then: mv {local} {self._elsewhere()} (making the folder above first)"
            found.append(UnusableFolderError(local, reason, remedy))
        return found

    def provide(self, step: Step) -> None:
        """Make the servant user and the folders that are missing, and check the passphrase."""
        if self._site.root and not _servant_exists():
            _add_servant(self._site)
        local = self._site.local
        elsewhere = self._elsewhere()
        if elsewhere and not local.is_symlink():
            point(local, elsewhere)
        real = local.resolve()
        real.mkdir(parents=True, exist_ok=True, mode=0o755)
        for private in ("state", "pulumi-home"):
            (real / private).mkdir(exist_ok=True, mode=0o700)
        ensure_passphrase(real)
        step.done(f"state in {local}" + (f", which is {real}" if local.is_symlink() else ""))

    def _elsewhere(self) -> Path | None:
        """Tell where `.plat` lies when the servant user cannot enter the checkout, such as one below /root."""
        if not self._site.root or enterable_by_all(self._site.checkout):
            return None
        return elsewhere_for(self._site.checkout)


def elsewhere_for(checkout: Path) -> Path:
    """Give the place of a private checkout's machine-local folder; another checkout has another."""
    return _ELSEWHERE / hashlib.sha256(f"{checkout}".encode()).hexdigest()[:16]


def ensure_passphrase(local: Path) -> None:
    """Make the passphrase of all stacks where there is no stack yet.

    Raises `EmptyPassphraseError` and `LostPassphraseError` rather than to encrypt with nothing, or to lock a state out.
    """
    path = local / "passphrase"
    state = local / "state"
    if path.exists():
        if not path.read_text(encoding="utf-8").strip():
            raise EmptyPassphraseError(path)
        path.chmod(0o600)
    elif any(state.glob(".pulumi/stacks/**/*.json*")):
        raise LostPassphraseError(path, state)
    else:
        write_whole(path, secrets.token_urlsafe(_PASSPHRASE_BYTES), mode=0o600)


def _servant_exists() -> bool:
    return any(user.pw_name == SERVANT for user in pwd.getpwall())


def _add_servant(site: Site) -> None:
    result = subprocess.run([*_ADD_SERVANT, SERVANT], capture_output=True, text=True, check=False)
    if result.returncode:
        raise CommandFailedError("checkout", f"useradd {SERVANT}", result.returncode, result.stderr, site.logs)
