"""What the benchmark of units runs on, beside what the checkout has: built from Go modules once, when it is asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from toolchain.cluster.programs import KUBERNETES, PLUGIN, Program, Source, register_plugin
from toolchain.errors import MissingToolError, raise_all
from toolchain.lock import alone_in
from toolchain.parts import provide_all
from toolchain.progress import Progress
from toolchain.site import Site

PROVIDER_ADDRESS = "registry.opentofu.org/gavinbunney/kubectl"
"""What OpenTofu knows the provider by that applies any object."""

_KWOK = Source("kwok", ("sigs.k8s.io/kwok/cmd/kwok",), "sigs.k8s.io/kwok")
_OPENTOFU = Source("opentofu", ("github.com/opentofu/opentofu/cmd/tofu",), "github.com/opentofu/opentofu")
_PROVIDER = Source(
    "terraform-provider-kubectl",
    ("github.com/gavinbunney/terraform-provider-kubectl",),
    "github.com/gavinbunney/terraform-provider-kubectl",
)


@dataclass(frozen=True)
class Parts:
    """Kubernetes' programs, kwok which plays its nodes, OpenTofu with its provider, and Pulumi's plugin for Kubernetes."""

    kubernetes: Program
    kwok: Program
    opentofu: Program
    provider: Program
    plugin: Program

    @classmethod
    def of(cls, site: Site) -> Parts:
        """Give them as the checkout of `site` pins them."""
        return cls(*(Program(site, source) for source in (KUBERNETES, _KWOK, _OPENTOFU, _PROVIDER, PLUGIN)))

    def provide(self, site: Site, progress: Progress, further: Iterable[Program]) -> None:
        """Build what is missing of these and of what all contenders need, one after another; raises `SetupError`."""
        programs = [self.kubernetes, self.kwok, self.plugin, *further]
        raise_all([*_lacks_kubectl(), *(error for program in programs for error in program.lacks())])
        with alone_in(site.cache, progress):
            provide_all(programs, progress)

    def lend_plugin(self, site: Site) -> None:
        """Hand Pulumi's plugin to another checkout."""
        register_plugin(site, self.plugin)

    @property
    def provider_file(self) -> Path:
        """The program that is OpenTofu's provider."""
        return self.provider.folder / "terraform-provider-kubectl"


def _lacks_kubectl() -> Iterator[MissingToolError]:
    if not shutil.which("kubectl"):
        yield MissingToolError(
            "kubectl", "it is one of those that are measured", "see https://kubernetes.io/docs/tasks/tools/"
        )
