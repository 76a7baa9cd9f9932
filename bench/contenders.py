"""Who brings the same objects up: each is given a cluster that is empty, and says by which command it does its work."""

from __future__ import annotations

import os
import platform
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from bench.objects import kubectl_file, manifests, tofu_files
from bench.parts import PROVIDER_ADDRESS, Parts
from bench.project import ENVIRONMENT, Copy
from components.kubernetes.manifest import Manifest
from toolchain.cluster.programs import Program

_PARALLEL = f"{4 * (os.cpu_count() or 1)}"


class Contender(ABC):
    """One way to bring a landscape up, in a copy of the project."""

    name: str
    stacks = "landscape"
    """What the environment says of stacks."""

    @staticmethod
    def programs(_parts: Parts) -> tuple[Program, ...]:
        """Which programs it needs that others do not."""
        return ()

    def __init__(self, copy: Copy, access: Path, folder: Path, parts: Parts) -> None:
        """Take the copy, the cluster's kubeconfig, a folder of the contender's own and the programs."""
        self.copy = copy
        self.access = access
        self.folder = folder
        self.parts = parts

    @property
    def variables(self) -> Mapping[str, str]:
        """What its commands find in their environment: plugins leave files where temporary ones belong."""
        return {"TMPDIR": f"{self.folder}"}

    def prepare(self) -> list[list[str]]:
        """Write what the command reads for the landscape as it is now; give commands to be run before it that do not count."""
        return []

    @property
    @abstractmethod
    def command(self) -> list[str]:
        """The command that makes the cluster like the landscape."""


class Units(Contender):
    """Plat with stacks for each unit."""

    name = "plat, a stack for each unit"
    stacks = "unit"

    @property
    def command(self) -> list[str]:
        """As a pipeline gives it: without the proof, for which pods would have to run."""
        return self.copy.activated("plat", "up", self.copy.landscape.name, "-e", ENVIRONMENT, "--json")


class Landscape(Contender):
    """Plat's program as one stack, by Pulumi itself."""

    name = "Pulumi, one stack"

    def prepare(self) -> list[list[str]]:
        """Make the stack, once."""
        if (self.copy.root / ".plat" / "state" / ".pulumi" / "stacks" / "plat" / f"{self.copy.stack}.json").exists():
            return []
        return [self.copy.activated("pulumi", "stack", "init", self.copy.stack, "--no-select", "--non-interactive")]

    @property
    def command(self) -> list[str]:
        """The one that `plat up` gives."""
        return update(self.copy, self.copy.stack)


class OpenTofu(Contender):
    """OpenTofu with a resource per object, by the provider that applies any."""

    name = "OpenTofu, one root module"

    @staticmethod
    def programs(parts: Parts) -> tuple[Program, ...]:
        """Itself and its provider."""
        return parts.opentofu, parts.provider

    @property
    def variables(self) -> Mapping[str, str]:
        """The provider is found in a folder, and nobody is asked for a newer OpenTofu."""
        own = {"TF_CLI_CONFIG_FILE": f"{self.folder / 'tofu.rc'}", "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
        return {**super().variables, **own}

    def prepare(self) -> list[list[str]]:
        """Write the root module, and make OpenTofu read it."""
        for name, text in tofu_files(_objects(self.copy), PROVIDER_ADDRESS, self.access).items():
            (self.folder / name).write_text(text, encoding="utf-8")
        if (self.folder / "tofu.rc").exists():
            return []
        machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
        version = self.parts.provider.version.removeprefix("v")
        mirror = self.folder / "mirror"
        place = mirror / PROVIDER_ADDRESS / version / f"linux_{machine}"
        place.mkdir(parents=True)
        (place / f"terraform-provider-kubectl_v{version}").symlink_to(self.parts.provider_file)
        told = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
        (self.folder / "tofu.rc").write_text(told, encoding="utf-8")
        return [[self._program, f"-chdir={self.folder}", "init", "-input=false", "-no-color"]]

    @property
    def command(self) -> list[str]:
        """Plan and apply at once, as many resources at a time as Pulumi has."""
        options = ("-auto-approve", "-input=false", "-no-color", f"-parallelism={_PARALLEL}")
        return [self._program, f"-chdir={self.folder}", "apply", *options]

    @property
    def _program(self) -> str:
        return f"{self.parts.opentofu.folder / 'tofu'}"


class Kubectl(Contender):
    """The API server's own work: all objects sent once, nothing waited for, nothing remembered."""

    name = "kubectl apply --server-side"

    def prepare(self) -> list[list[str]]:
        """Write the file of objects."""
        (self.folder / "objects.json").write_text(kubectl_file(_objects(self.copy)), encoding="utf-8")
        return []

    @property
    def command(self) -> list[str]:
        """One call for all."""
        file = f"{self.folder / 'objects.json'}"
        return ["kubectl", "--kubeconfig", f"{self.access}", "apply", "--server-side", "--force-conflicts", "-f", file]


CONTENDERS: Mapping[str, type[Contender]] = {"units": Units, "pulumi": Landscape, "tofu": OpenTofu, "kubectl": Kubectl}
"""By the name that the command line has for each."""


def update(copy: Copy, stack: str, *, pack: bool = True) -> list[str]:
    """Give the command by which Pulumi updates one stack, with the policy pack or without it."""
    judged = ("--policy-pack", "policies") if pack else ()
    options = ("--yes", *judged, "--suppress-outputs", "--non-interactive")
    return copy.activated("pulumi", "up", "--stack", stack, *options)


def _objects(copy: Copy) -> list[Manifest]:
    return list(manifests(copy.root, copy.stack))
