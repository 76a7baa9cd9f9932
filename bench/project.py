"""A copy of the checkout that a contender works in: what it leaves behind goes with it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.apiserver import CONTENDER
from bench.generated import write
from toolchain.errors import CommandFailedError
from toolchain.site import Site

ENVIRONMENT = "bench"


class Copy:
    """The project in `root`, set up, with one generated landscape and one environment."""

    def __init__(self, root: Path, landscape: Path) -> None:
        self.root = root
        self.landscape = landscape

    @property
    def stack(self) -> str:
        """The stack of the whole landscape."""
        return f"{self.landscape.name}.{ENVIRONMENT}"

    def activated(self, *command: str) -> list[str]:
        """Give a command that runs another in the copy's own environment."""
        return ["/bin/sh", "-c", '. .plat/activate && exec "$@"', "sh", *command]


@contextmanager
def copied(to: Path, contexts: int, access: Path, stacks: str, site: Site) -> Iterator[Copy]:
    """Copy what git knows of the checkout of `site` to a folder, with a landscape of so many contexts, and set it up.

    `access` is the kubeconfig of the cluster that it is for, `stacks` what the environment says of them. Raises `SetupError`.
    """
    for name in _files(site.checkout):
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(site.checkout / name, target)
    shutil.rmtree(to / "contexts")
    landscape = write(to / "contexts", contexts)
    file = to / "stacks" / "environments" / f"{ENVIRONMENT}.yaml"
    file.write_text(json.dumps(environment(access, stacks)), encoding="utf-8")
    try:
        _set_up(to, landscape.name)
        yield Copy(to, landscape)
    finally:
        # Below a folder that is its user's alone, `.plat` is a link.
        shutil.rmtree((to / ".plat").resolve(), ignore_errors=True)


def environment(access: Path, stacks: str) -> dict[str, object]:
    """Give the environment: a cluster that lets contenders alone change what is planned."""
    cluster = {"kubeconfig": f"{access}", "provisioner": {"user": CONTENDER.user}}
    targets = {"kubernetes": "kubernetes", "vm": "kubernetes"}
    head = {"apiVersion": "plat/v1", "kind": "Environment", "name": ENVIRONMENT}
    return {**head, "targets": targets, "stacks": stacks, "cluster": cluster}


def _files(checkout: Path) -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if (checkout / name).is_file()]


def _set_up(root: Path, landscape: str) -> None:
    command = [sys.executable, "-m", "toolchain.bootstrap", "--landscape", landscape]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise CommandFailedError("copy", " ".join(command[1:]), done.returncode, done.stdout, root)
