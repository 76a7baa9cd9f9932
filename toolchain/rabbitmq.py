"""A RabbitMQ that the local target can run: the machine's own, or Debian's packages unpacked into the cache.

Either way its commands are in one `bin` folder, as wrappers that set what each needs to find the rest. Whoever runs
them says by environment variables where data, logs, cookie and ports are (rabbitmq-env.conf(5)).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from toolchain.commands import Runner
from toolchain.debian import PrivateApt, has_apt, is_installed
from toolchain.errors import MissingToolError, SetupError
from toolchain.parts import is_complete, key_of, making
from toolchain.site import Site, outside
from toolchain.wrappers import write_broker_wrappers, write_erlang_wrappers, write_plain_wrappers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolchain.progress import Step

_DEBIAN_COMMANDS = Path("/usr/lib/rabbitmq/bin")
_DEBIAN_ERLANG = Path("/usr/lib/erlang")
_RELEASE = Path("/etc/os-release")
_FORMAT = b"3"  # raise it when the wrappers change
_ERLANG_PROGRAMS = ("erl", "epmd")


class RabbitMQ:
    """The broker's commands; `folder` is where they are."""

    name = "rabbitmq"

    def __init__(self, site: Site, search_path: str) -> None:
        """Look for an installed broker in the folders of the search path, in the form of the variable PATH."""
        self._site = site
        self._installed = _installed_commands(outside(search_path, site))

    @property
    def folder(self) -> Path:
        """Where the wrappers are."""
        return self._base / "bin"

    @property
    def _base(self) -> Path:
        made_of = f"{self._installed}".encode() if self._installed else _RELEASE.read_bytes()
        return self._site.cache / "rabbitmq" / key_of((_FORMAT, made_of))

    def lacks(self) -> list[SetupError]:
        """Name what is missing to fetch it."""
        if self._installed or is_complete(self._base) or has_apt():
            return []
        needed_for = "it is the broker, and only Debian's package can be fetched without installing it"
        return [MissingToolError("rabbitmq-server", needed_for, "install RabbitMQ with your system's package manager")]

    def provide(self, step: Step) -> None:
        """Write the wrappers, after fetching the broker where it is not installed."""
        if self._installed:
            how = f"installed in {self._installed}, used as it is"
        else:
            how = "cached" if is_complete(self._base) else "unpacked from Debian's packages"
        if not is_complete(self._base):
            with making(self._base) as base:
                if self._installed:
                    _wrap_installed(base / "bin", self._installed)
                else:
                    self._unpack(base, step)
        step.done(how)

    def _unpack(self, base: Path, step: Step) -> None:
        runner = Runner(self.name, self._site.logs / "rabbitmq.log")
        root = base / "root"
        root.mkdir()
        with TemporaryDirectory(dir=base, prefix="apt-") as folder:
            Path(folder).chmod(0o755)  # apt downloads as an unprivileged user of its own when we are root
            apt = PrivateApt(Path(folder), runner)
            step.note("fetching the lists of Debian's packages")
            apt.update()
            packages = _wanted(apt.closure("rabbitmq-server"), runner)
            step.note(f"fetching {len(packages)} packages")
            archives = apt.download(packages)
            step.note("unpacking")
            apt.extract(archives, root)
        libraries = sorted({f"{file.parent}" for file in root.glob("usr/lib/*-linux-gnu*/*.so*")})
        write_erlang_wrappers(base / "bin", root / _DEBIAN_ERLANG.relative_to("/"), libraries)
        write_broker_wrappers(base / "bin", root / _DEBIAN_COMMANDS.relative_to("/"))


def _installed_commands(search_path: str) -> Path | None:
    """Find the folder of an installed broker's commands. Debian's in /usr/sbin run as root or `rabbitmq` alone."""
    if (_DEBIAN_COMMANDS / "rabbitmq-server").exists() and _DEBIAN_ERLANG.exists():
        return _DEBIAN_COMMANDS
    found = shutil.which("rabbitmq-server", path=search_path)
    return Path(found).resolve().parent if found else None


def _wrap_installed(folder: Path, commands: Path) -> None:
    erlang = f"{_DEBIAN_ERLANG}/bin{os.pathsep}{os.environ.get('PATH', '')}"
    programs = {name: shutil.which(name, path=erlang) for name in _ERLANG_PROGRAMS}
    for name, program in programs.items():
        if not program:
            raise MissingToolError(name, f"the RabbitMQ in {commands} runs on it", "install Erlang's own package")
    write_plain_wrappers(folder, {name: Path(program) for name, program in programs.items() if program})
    write_broker_wrappers(folder, commands)


def _wanted(closure: Iterable[str], runner: Runner) -> list[str]:
    """Take the broker and all of Erlang, and of the libraries below those that this machine does not have."""
    ours = [name for name in closure if name.startswith(("erlang-", "rabbitmq-server"))]
    libraries = [name for name in closure if name.startswith("lib") and not name.endswith("-perl")]
    return [*ours, *(name for name in libraries if not is_installed(name, runner))]
