"""A real Kubernetes of the tests' own, and a clone that brings landscapes up on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.main_job.checkout import PYTHON, Checkout, clone, environment, remove

ROOT = Path(__file__).resolve().parents[3]
BASE = "docker.io/plat/base:dev"
POSTGRESQL = "docker.io/plat/postgresql:15"
"""The same by a name that says which PostgreSQL is in it: CloudNativePG has to know that."""

OPERATORS = ("cloudnative-pg", "gateway-api", "keda", "object-store", "prometheus", "rabbitmq", "strimzi")
OF_ONES_OWN = "PLAT_TEST_KUBECONFIG"
"""A variable: the access to a cluster that is there and stays, instead of one that these tests make and end."""

CLUSTER = "cluster = next(each for each in landscape._childResources if isinstance(each, pulumi.ProviderResource))"
"""For a line of a program: the provider that Plat's own resources have."""


@dataclass(frozen=True)
class Cluster:
    """The cluster, asked by `kubectl` as its administrator."""

    checkout: Checkout

    @property
    def kubeconfig(self) -> Path:
        """The administrator's access."""
        return (self.checkout.root / ".plat" / "cluster" / "kubeconfig").resolve()

    def kubectl(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """One call; both streams come back as one text."""
        return subprocess.run(
            ["kubectl", "--kubeconfig", str(self.kubeconfig), *words],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )

    def done(self, *words: str, given: str | None = None) -> str:
        """What a call printed that must succeed."""
        result = self.kubectl(*words, given=given)
        assert result.returncode == 0, f"kubectl {' '.join(words)}:\n{result.stdout}"
        return result.stdout

    def apply(self, *objects: dict[str, Any]) -> None:
        """Make or change objects."""
        self.done("apply", "--filename=-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def get(self, *words: str) -> dict[str, Any]:
        """One object, or a list of some."""
        found: dict[str, Any] = json.loads(self.done("get", *words, "--output=json"))
        return found

    def toolchain(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One of the commands that make and end the cluster."""
        return subprocess.run(
            [PYTHON, "-m", "toolchain.cluster", *words],
            cwd=self.checkout.root,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=580,
            check=False,
        )


def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something holds."""
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.5)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(clone(Path(tmp_path_factory.mktemp("cluster")) / "clone", first=14000, last=14999))
    if there := os.environ.get(OF_ONES_OWN):
        made.kubeconfig.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(there, made.kubeconfig)
        _lend_plugin(made.checkout)
        yield made
        remove(made.checkout)
        return
    try:
        for command in ("build", "up"):
            ran = made.toolchain(command, "--with", *OPERATORS)
            assert ran.returncode == 0, ran.stdout
        images = sorted({image for file in (made.checkout.root / "contexts").rglob("*.yaml") for image in _images(file)})
        tagged = made.toolchain("tag", POSTGRESQL, *images)
        assert tagged.returncode == 0, tagged.stdout
        yield made
    finally:
        ended = made.toolchain("down")
        remove(made.checkout)
    assert ended.returncode == 0, ended.stdout


def _lend_plugin(checkout: Checkout) -> None:
    """Give a clone the plugin that speaks to clusters: building it is part of building one."""
    place = Path(".plat") / "pulumi-home" / "plugins"
    for plugin in (ROOT / place).glob("resource-kubernetes-*"):
        shutil.copytree(plugin, checkout.root / place / plugin.name, symlinks=True, dirs_exist_ok=True)


def _images(descriptor: Path) -> Iterator[str]:
    for line in descriptor.read_text(encoding="utf-8").splitlines():
        key, _, value = line.strip().removeprefix("- ").partition(": ")
        if key == "image":
            yield value.partition("#")[0].strip()
