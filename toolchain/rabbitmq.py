"""A RabbitMQ that the local target can run: the machine's own, or Debian's packages unpacked into the cache.

Whoever runs its commands says by environment variables where data, logs, cookie and ports are (rabbitmq-env.conf(5)).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.errors import MissingToolError
from toolchain.packaged import Packaged
from toolchain.wrappers import write_broker_wrappers, write_erlang_wrappers, write_plain_wrappers

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEBIAN_COMMANDS = Path("/usr/lib/rabbitmq/bin")
_DEBIAN_ERLANG = Path("/usr/lib/erlang")
_ERLANG_PROGRAMS = ("erl", "epmd")


class RabbitMQ(Packaged):
    """The broker's commands."""

    name = "rabbitmq"
    variable = "PLAT_RABBITMQ_BIN"
    commands = ("rabbitmqctl", "rabbitmq-diagnostics")

    _packages = ("rabbitmq-server",)
    _taken = ("rabbitmq-server", "erlang-")
    _title = "RabbitMQ"
    _needed_for = "it is the broker"
    _format = b"3"

    def _find(self, search_path: str) -> Path | None:
        """Find the folder of an installed broker's commands. Debian's in /usr/sbin run as root or `rabbitmq` alone."""
        if (_DEBIAN_COMMANDS / "rabbitmq-server").exists() and _DEBIAN_ERLANG.exists():
            return _DEBIAN_COMMANDS
        found = shutil.which("rabbitmq-server", path=search_path)
        return Path(found).resolve().parent if found else None

    def _wrap_installed(self, folder: Path, commands: Path) -> None:
        erlang = f"{_DEBIAN_ERLANG}/bin{os.pathsep}{os.environ.get('PATH', '')}"
        programs = {name: shutil.which(name, path=erlang) for name in _ERLANG_PROGRAMS}
        for name, program in programs.items():
            if not program:
                raise MissingToolError(name, f"the RabbitMQ in {commands} runs on it", "install Erlang's own package")
        write_plain_wrappers(folder, {name: Path(program) for name, program in programs.items() if program})
        write_broker_wrappers(folder, commands)

    def _wrap_unpacked(self, folder: Path, root: Path, libraries: Sequence[str]) -> None:
        write_erlang_wrappers(folder, root / _DEBIAN_ERLANG.relative_to("/"), libraries)
        write_broker_wrappers(folder, root / _DEBIAN_COMMANDS.relative_to("/"))
