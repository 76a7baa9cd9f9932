"""Where a checkout keeps what is this machine's alone: state, passphrase, and the servers of the local target."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "PLAT_HOME"
"""Names another place for `.plat`, for tests."""

SERVICE_USER = "plat"
"""The system user that servers and deployables run as where Plat is run by root."""

SHARED = Path("/var/lib/plat")
"""Where servers live when root's checkout lies where the service user cannot get to."""

_STACK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


class HomeProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """The place for servers cannot be used. The message is for the user."""


@dataclass(frozen=True, slots=True)
class RuntimePaths:
    """The files of one stack's servers and deployables, all below `root`.

    `run`, `logs` and each folder in `data` belong to the service user; the other folders belong to whoever runs Plat,
    so that nothing that runs as the service user can put a file or a link where Plat is about to write.
    """

    root: Path

    @property
    def specs(self) -> Path:
        """One JSON file per program: what to run, with which variables."""
        return self.root / "specs"

    @property
    def config(self) -> Path:
        """Generated configuration, a folder per server."""
        return self.root / "config"

    @property
    def data(self) -> Path:
        """What servers keep, a folder per server. Nothing but `purge` ever removes one."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """A log file per program, and supervisord's own."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Socket and process ids."""
        return self.root / "run"

    @property
    def source(self) -> Path:
        """Copies of a checkout that the service user may not read."""
        return self.root / "source"

    def log(self, name: str) -> Path:
        """Return the log of the program `name`."""
        return self.logs / f"{name}.log"


@dataclass(frozen=True, slots=True)
class Home:
    """The machine-local side of the checkout `root`."""

    root: Path

    @property
    def plat(self) -> Path:
        """The folder `.plat`, which git ignores."""
        return Path(os.environ.get(HOME_VARIABLE) or self.root / ".plat")

    @property
    def plans(self) -> Path:
        """What has been read and planned before, for whoever needs the same next."""
        return self.plat / "plans"

    @property
    def state(self) -> Path:
        """Pulumi's state, where an environment does not name another backend: the folder of its file backend."""
        return self.plat / "state"

    @property
    def updates(self) -> Path:
        """The folder by which Pulumi gets to the states while it updates one of them."""
        return self.plat / "updates"

    @property
    def passphrase(self) -> Path:
        """The file with the passphrase that secrets in the state are encrypted with."""
        return self.plat / "passphrase"

    @property
    def toolchain(self) -> Path:
        """What the set-up found or built, as JSON."""
        return self.plat / "toolchain.json"

    @property
    def local(self) -> Path:
        """The folder with a runtime per stack."""
        return self.plat / "local"

    def runtime(self, stack: str) -> RuntimePaths:
        """Return the paths of `stack`'s runtime, whether it exists or not. Raises HomeProblem for an unsafe name."""
        if not _STACK.fullmatch(stack):
            msg = f"`{stack}` cannot be the name of a runtime: letters, digits, `.`, `_` and `-` only"
            raise HomeProblem(msg)
        return RuntimePaths(self._place() / stack)

    def stacks(self) -> list[str]:
        """Return the stacks that have a runtime here, by name."""
        found = sorted(self.local.iterdir()) if self.local.is_dir() else []
        return [path.name for path in found if path.is_dir() and _STACK.fullmatch(path.name)]

    def shown(self, path: Path) -> str:
        """Return `path` as a message names it: relative to the checkout where it lies in it."""
        for base, prefix in ((self.plat.resolve(), self.plat), (self.root.resolve(), self.root)):
            if path.resolve().is_relative_to(base):
                path = prefix / path.resolve().relative_to(base)
                break
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def make_local(self) -> None:
        """Make the folder for runtimes; as root, one that the service user can get to. Raises HomeProblem."""
        place = self._place()
        self.plat.mkdir(parents=True, exist_ok=True)
        if place != self.local.resolve():
            # A link without a target is left of what somebody has removed. Another update may be doing the same.
            link = self.local.with_name(f"local-{secrets.token_hex(8)}")
            link.symlink_to(place)
            link.replace(self.local)
        place.mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            return
        for folder in (place, *(folder for folder in place.parents if folder.is_relative_to(SHARED))):
            folder.chmod(0o755)
        if not _passes(place, service_user()):
            msg = (
                f"user `{SERVICE_USER}` cannot get to {place}: move its content to a folder below {SHARED} and put a link to "
                f"that in its place"
            )
            raise HomeProblem(msg)

    def _place(self) -> Path:
        """Return where runtimes lie, or will: below `.plat`, or where the service user can get to if that is not there."""
        place = self.local.resolve()
        if place.exists() or os.geteuid() != 0 or _passes(self.plat.resolve(), service_user()):
            return place
        digest = hashlib.sha256(str(self.plat.resolve()).encode()).hexdigest()[:12]
        return SHARED / digest / "local"


def service_user() -> pwd.struct_passwd | None:
    """Return the account that servers run as: `plat` for root, None (the caller) for others. Raises HomeProblem."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        msg = (
            f"there is no user `{SERVICE_USER}`, which servers run as when root starts them: run `make up`, or "
            f"`useradd --system --no-create-home --shell /usr/sbin/nologin {SERVICE_USER}`"
        )
        raise HomeProblem(msg) from None


def _passes(folder: Path, account: pwd.struct_passwd | None) -> bool:
    """Tell whether `account` may pass through `folder` and all folders above it that are there, by their modes."""
    there = (path for path in (folder, *folder.parents) if path.exists())
    return account is None or all(_may_pass(path.stat(), account) for path in there)


def _may_pass(status: os.stat_result, account: pwd.struct_passwd) -> bool:
    if status.st_uid == account.pw_uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.pw_gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
