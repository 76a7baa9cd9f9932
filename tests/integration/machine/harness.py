"""A machine made of namespaces with a real sshd in it, and a stack of the real Pulumi that works on it.

Its network, its processes, its /etc and its /run are its own; all else is the test machine's.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import IO, Any

import psutil

from plat.backends import at_folder
from plat.engine import events
from plat.machines.ssh import Connection
from providers.local import provided
from providers.machine.keys import new_private_key, public_key_of

ROOT = Path(__file__).resolve().parents[3]
NFT = provided.folder("PLAT_NFT_BIN", ROOT / ".plat" / "toolchain.json")
"""The folder of nftables' command, as `make setup` gets it."""

PORT = 2222
STACK = "shop.test"
SET_UP = r"""
set -eu
mount --make-rprivate /
ip link set lo up
cp -a /etc "$1/etc"
mount --bind "$1/etc" /etc
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /etc/nftables.d
rm -f /etc/nftables.conf
grep -q ^sshd: /etc/passwd || echo 'sshd:x:64997:65534::/run/sshd:/usr/sbin/nologin' >>/etc/passwd
echo 'guest:x:64998:65534::/:/bin/sh' >>/etc/passwd
echo 'guest:*:19000:0:99999:7:::' >>/etc/shadow
echo ready
exec sleep infinity
"""
CONFIGURATION = """\
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
UsePAM no
StrictModes no
LogLevel VERBOSE
SetEnv PATH={folder}/bin:{nft}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
"""
DONE = "echo status: done"
DOCKER = "echo 24.0.7"
NO_SUCH = "exec /nonexistent"  # what a shell says of a command that is not there


@dataclass
class Machine:
    """A machine whose files lie in `folder`; `number` is its own among those of this process (0 to 31)."""

    folder: Path
    number: int
    host: str = field(default_factory=new_private_key)
    access: str = field(default_factory=new_private_key)

    def __post_init__(self) -> None:
        # Four addresses of those for tests of networks (RFC 2544), apart from those of other workers.
        network = ip_network("198.18.0.0/15")[(os.getpid() % 1024 * 32 + self.number) * 4]
        self.gateway, self.address = str(network + 1), str(network + 2)
        (self.folder / "bin").mkdir(parents=True)
        self.program("cloud-init", DONE)
        self.program("docker", DOCKER)
        self.know(self.host, public_key_of(self.access))
        (self.folder / "sshd").write_text(CONFIGURATION.format(port=PORT, folder=self.folder, nft=NFT))
        spaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        self._keeper = subprocess.Popen(
            [*spaces, "sh", "-c", SET_UP, "machine", self.folder], stdout=subprocess.PIPE, text=True
        )
        assert self._keeper.stdout
        assert self._keeper.stdout.readline() == "ready\n"
        (init,) = psutil.Process(self._keeper.pid).children()
        self.init = init.pid
        self._connect()

    @property
    def connection(self) -> Connection:
        """As Plat should enter it."""
        return Connection(self.address, PORT, "root", public_key_of(self.host), self.access)

    def know(self, host: str, *authorized: str) -> None:
        """Have it show the host key from now on, and let in who is authorized."""
        self.host = host
        key = self.folder / "host"
        key.touch(mode=0o600)
        key.write_text(host)
        (self.folder / "authorized").write_text("".join(f"{line}\n" for line in authorized))

    def program(self, name: str, text: str) -> None:
        """Have a command of that name do what the shell's text says."""
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def inside(self, command: str) -> str:
        """What the shell's command prints in there; it has to succeed."""
        spaces = ["nsenter", f"--target={self.init}", "--mount", "--net", "--pid"]
        found = {**os.environ, "PATH": f"{NFT}:{os.environ['PATH']}"}
        done = subprocess.run(
            [*spaces, "sh", "-c", command], capture_output=True, env=found, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Start sshd."""
        program = provided.folder("PLAT_SSHD_BIN", ROOT / ".plat" / "toolchain.json")
        assert program, "`make setup` gets sshd"
        self.inside(f"{program}/sshd -f {self.folder}/sshd -E {self.folder}/sshd.log")

    def stop(self) -> None:
        """End sshd with all its connections, at once."""
        for process in psutil.Process(self.init).children(recursive=True):
            if process.name().startswith("sshd"):
                process.kill()

    def rules(self) -> str:
        """The table of ours, as nft prints it; empty where there is none."""
        return self.inside("nft list table inet plat 2>/dev/null || true")

    def end(self) -> None:
        """End all that runs in it, and with it its network."""
        self._keeper.kill()
        self._keeper.wait()

    def _connect(self) -> None:
        mine, its = f"plat{os.getpid() % 10**6}h{self.number}"[:15], "eth0"
        for command in (
            f"link add {mine} type veth peer name {its} netns {self.init}",
            f"address add {self.gateway}/30 dev {mine}",
            f"link set {mine} up",
        ):
            subprocess.run(["ip", *command.split()], check=True)
        self.inside(f"ip address add {self.address}/30 dev {its} && ip link set {its} up")


@dataclass(frozen=True)
class Run:
    """How a run of Pulumi ended, with all that it printed."""

    code: int
    text: str

    @property
    def summary(self) -> dict[str, int]:
        """What it says under "Resources:", as {"created": 2, "unchanged": 1}."""
        told = self.text.rpartition("Resources:")[2].partition("\n\n")[0]
        return {word: int(count) for count, word in re.findall(r"^\W*(\d+) (?:to )?(\w+)$", told, re.MULTILINE)}


@dataclass
class Stack:
    """A stack whose project lies in `folder`; the plugin is this checkout's."""

    folder: Path

    def __post_init__(self) -> None:
        runtime = f"runtime:\n  name: python\n  options:\n    virtualenv: {sys.prefix}\n"
        tests = ROOT / "tests" / "integration" / "machine"
        entries = {"machine": ROOT / "providers" / "machine", "borrower": tests / "borrower"}
        plugins = ""
        for name, code in entries.items():
            plugin = self.folder / name
            plugin.mkdir(parents=True)
            (plugin / "__main__.py").symlink_to(code / "__main__.py")
            (plugin / "PulumiPlugin.yaml").write_text(runtime)
            plugins += f"    - name: {name}\n      path: {plugin}\n"
        # No `main`, which would have plugins started where it is.
        (self.folder / "__main__.py").symlink_to(tests / "program" / "__main__.py")
        (self.folder / "Pulumi.yaml").write_text(f"name: plat\n{runtime}plugins:\n  providers:\n{plugins}")
        (self.folder / "state").mkdir()
        self.declare()
        assert self.pulumi("stack", "init", STACK).code == 0

    def declare(self, machine: Machine | None = None, **more: object) -> None:
        """Have the program declare keys, and the machine if there is one, from now on."""
        where = {"address": machine.address, "port": PORT} if machine else {}
        (self.folder / "machine.json").write_text(json.dumps({**where, **more}))

    def start(self, *words: str, output: int | IO[str] = subprocess.PIPE) -> subprocess.Popen[str]:
        """Start Pulumi, as the first of a process group of its own."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
        environment = {
            **inherited,
            "PULUMI_BACKEND_URL": at_folder(self.folder / "state"),
            "PULUMI_HOME": str(self.folder / "pulumi-home"),
            "PULUMI_CONFIG_PASSPHRASE": "for tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **events.VARIABLES,
            "MACHINE": str(self.folder / "machine.json"),
        }
        return subprocess.Popen(
            ["pulumi", *words, "--non-interactive"],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def pulumi(self, *words: str) -> Run:
        """Run Pulumi to its end."""
        with self.start(*words) as process:
            text, _ = process.communicate(timeout=300)
        return Run(process.returncode, text)

    def up(self, *words: str) -> Run:
        """Update without a preview, whatever comes of it."""
        return self.pulumi("up", "--yes", "--skip-preview", *words)

    def must(self, *words: str) -> Run:
        """Run Pulumi; it has to succeed."""
        run = self.pulumi(*words)
        assert run.code == 0, run.text
        return run

    def must_up(self) -> Run:
        """Update; it has to succeed."""
        return self.must("up", "--yes", "--skip-preview")

    def state(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        """The exported state."""
        return json.loads(self.must("stack", "export", *words).text)

    def outputs(self, resource: str) -> dict[str, Any]:
        """The outputs of a resource, secrets in plain text."""
        resources = self.state("--show-secrets")["deployment"]["resources"]
        found = {item["urn"].rpartition("::")[2]: plain(item.get("outputs", {})) for item in resources}
        outputs: dict[str, Any] = found[resource]
        return outputs


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The value without the envelope that a secret is in when it is shown."""
    if isinstance(value, dict):
        return json.loads(value["plaintext"]) if "plaintext" in value else {name: plain(item) for name, item in value.items()}
    return value


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds."""
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.1)
