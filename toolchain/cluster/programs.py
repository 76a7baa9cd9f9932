"""The cluster's own programs, each a part of the set-up: built from Go modules, one after another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toolchain.commands import Runner
from toolchain.errors import MissingToolError, SetupError
from toolchain.gomodule import GoModule
from toolchain.parts import is_complete, making
from toolchain.progress import Step
from toolchain.site import Site, point

_QUICKER = {"GOGC": "400"}
"""The compiler collects its garbage more seldom: a fifth less work for up to 3 GB of memory."""


@dataclass(frozen=True)
class Source:
    """A Go module of ours: its folder, what is built of it, the module that gives the version, and further names."""

    name: str
    packages: tuple[str, ...]
    upstream: str
    stamped: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


KUBERNETES = Source(
    "kubernetes",
    ("./cmd/plat-kubernetes", "./cmd/pause"),
    "k8s.io/kubernetes",
    stamped=("k8s.io/component-base/version", "k8s.io/client-go/pkg/version"),
    names=("etcd", "kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet"),
)
COREDNS = Source("coredns", ("./cmd/coredns",), "github.com/coredns/coredns")
KUBE_ROUTER = Source(
    "kube-router", ("github.com/cloudnativelabs/kube-router/v2/cmd/kube-router",), "github.com/cloudnativelabs/kube-router/v2"
)
PLUGIN = Source("pulumi-kubernetes", ("./cmd/pulumi-resource-kubernetes",), "github.com/pulumi/pulumi-kubernetes/provider/v4")


class Program:
    """What one module gives."""

    def __init__(self, site: Site, source: Source) -> None:
        self.name = source.name
        self._source = source
        self._site = site
        folder = site.checkout / "toolchain" / "go" / source.name
        plain = GoModule(folder, source.packages)
        self.version = plain.version_of(source.upstream)
        stamp = " ".join(_stamps(source.stamped, self.version))
        self._module = GoModule(folder, source.packages, stamp, _QUICKER)
        self._base = site.cache / "toolchain" / f"{source.name}-{self._module.key}"

    def version_of(self, module: str) -> str:
        """Give the version of a module that it is built of."""
        return self._module.version_of(module)

    @property
    def folder(self) -> Path:
        """Where its programs are, or will be."""
        return self._base / "bin"

    @property
    def ready(self) -> bool:
        """Whether they are there."""
        return is_complete(self._base)

    def lacks(self) -> list[SetupError]:
        """Name a missing Go, where the programs are still to be built."""
        return [] if self.ready else self.lacks_go()

    def lacks_go(self) -> list[SetupError]:
        """Name a missing Go."""
        try:
            self._module.find_go(self._needed_for, instead="")
        except MissingToolError as error:
            return [error]
        return []

    def provide(self, step: Step) -> None:
        """Build them unless they are there."""
        if self.ready:
            step.done(f"{self.version}, cached")
            return
        go = self._module.find_go(self._needed_for, instead="")
        runner = Runner(self.name, self._site.logs / f"{self.name}.log")
        with making(self._base):
            self._module.build(go, self.folder, runner, step)
            for name in self._source.names:
                point(self.folder / name, Path("plat-kubernetes"))
        step.done(f"{self.version}, built from Go modules")

    def upstream_folder(self, runner: Runner) -> Path:
        """Give the folder of Go's cache with the files of the module that gives the version."""
        go = self._module.find_go(self._needed_for, instead="")
        return self._module.folder_of(go, self._source.upstream, runner)

    @property
    def _needed_for(self) -> str:
        return f"it builds {self.name}"


def _stamps(packages: tuple[str, ...], version: str) -> list[str]:
    major, minor, _ = [*version.removeprefix("v").split("."), "", ""][:3]
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    return [f"-X {package}.{name}={value}" for package in packages for name, value in values.items()]


def plugin_version(site: Site) -> str:
    """Give the version that our plugin for Kubernetes says that it has."""
    source = site.checkout / "toolchain" / "go" / PLUGIN.name / "cmd" / "pulumi-resource-kubernetes" / "main.go"
    return source.read_text(encoding="utf-8").partition('const version = "')[2].partition('"')[0]


def register_plugin(site: Site, program: Program) -> None:
    """Hand the plugin to the engine of this checkout, in the place where it keeps what it downloads."""
    folder = site.local / "pulumi-home" / "plugins" / f"resource-kubernetes-v{plugin_version(site)}"
    folder.mkdir(parents=True, exist_ok=True)
    point(folder / "pulumi-resource-kubernetes", program.folder / "pulumi-resource-kubernetes")
