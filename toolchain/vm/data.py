"""The disk image that a machine's second disk is made from where nothing can be pulled: Docker's data with an image in it.

Docker itself puts the image there, once and on this machine: on a processor without KVM that takes a machine minutes.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from toolchain.cluster.archive import write_docker_archive
from toolchain.cluster.images import BaseImage
from toolchain.commands import Runner
from toolchain.errors import CommandFailedError
from toolchain.progress import Step
from toolchain.vm.disk import DiskPart, SystemPart, fill
from toolchain.vm.places import Places

_LABEL = "plat-data"
_OWN_NAMESPACES = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "private")
_LOAD = """\
set -e
system=$1 work=$2 data=$3
mkdir -p "$work/upper" "$work/inner" "$work/root" "$data"
mount -t overlay -o "lowerdir=$system,upperdir=$work/upper,workdir=$work/inner" overlay "$work/root"
cd "$work/root"
mkdir -p var/lib/docker
mount --bind "$data" var/lib/docker
mount --rbind /sys sys
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs tmpfs run
exec chroot . sh -c '
    dockerd --storage-driver=overlay2 --iptables=false --ip-forward=false --bridge=none >/run/dockerd.log 2>&1 &
    for _ in $(seq 600); do
        docker version >/dev/null 2>&1 && break
        kill -0 $! || { cat /run/dockerd.log; exit 1; }
        sleep 0.1
    done
    docker load || { cat /run/dockerd.log; exit 1; }
    kill $!
    wait $! || true
'
"""
"""Runs the system's own Docker over it: what that writes besides its data is thrown away, and every mount ends with it."""

_OF_THE_BUILD = ("containers", "network", "tmp")
"""What Docker makes anew, and had better: its own are of no bridge."""


class DataDisk(DiskPart):
    """A file system for /var/lib/docker in which there is one image, by several names."""

    name = "data disk"
    file_name: ClassVar[str] = "data"

    def __init__(self, places: Places, system: SystemPart, image: BaseImage, names: Sequence[str]) -> None:
        super().__init__(places, [text.encode() for text in (system.key, image.key, _LOAD, *names)])
        self._system = system
        self._image = image
        self._names = names

    def _fill(self, disk: Path, step: Step, runner: Runner) -> None:
        work, data = disk.with_name("work"), disk.with_name("docker")
        step.note("loading the image of the containers into Docker")
        self._load(work, data)
        for name in _OF_THE_BUILD:
            runner.run(["rm", "-rf", f"{data / name}"])
        step.note("filling the file system")
        fill(disk, data, _LABEL, runner)
        runner.run(["rm", "-rf", f"{work}", f"{data}"])

    def _load(self, work: Path, data: Path) -> None:
        log = self._places.site.logs / "vm-docker.log"
        command = (*_OWN_NAMESPACES, "sh", "-c", _LOAD, "load", f"{self._system.root}", f"{work}", f"{data}")
        with log.open("wb") as out, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out) as process:
            if process.stdin is None:
                raise AssertionError(shlex.join(command))
            try:
                with process.stdin as pipe:
                    write_docker_archive(pipe, self._image.image, self._names)
            except BrokenPipeError:
                process.kill()
        if process.returncode:
            tail = log.read_text(encoding="utf-8", errors="replace")[-1000:]
            raise CommandFailedError(self.name, "docker load", process.returncode, tail, log)
