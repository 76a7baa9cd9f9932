"""The account that machines run as: libvirt looks for it whatever it is told, and a package that we leave out makes it."""

from __future__ import annotations

import pwd

from toolchain.commands import Runner
from toolchain.errors import SetupError
from toolchain.progress import Step
from toolchain.sandbox.errors import NotRootError
from toolchain.site import Site
from toolchain.vm.places import KIND

_NAME = "libvirt-qemu"
_LIKE_DEBIANS = ("--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")


class Account:
    """The user and the group of that name; like an installed package they stay."""

    name = "account of machines"

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def ready(self) -> bool:
        """Whether the user is there."""
        return any(user.pw_name == _NAME for user in pwd.getpwall())

    def lacks(self) -> list[SetupError]:
        """Name what only root can do."""
        return [] if self.ready or self._site.root else [NotRootError(f"adding the user {_NAME}", KIND)]

    def provide(self, step: Step) -> None:
        """Add them unless they are there."""
        there = self.ready
        if not there:
            Runner(self.name, self._site.logs / "vm-account.log").run(["useradd", *_LIKE_DEBIANS, _NAME])
        step.done(f"{_NAME} {'is there' if there else 'added'}")
