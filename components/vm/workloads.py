"""A deployable as a container on a machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from components.kubernetes.manifest import Hidden, digest
from components.vm import containers
from components.vm.declared import Declared
from components.vm.site import Site
from plat.kubernetes import labels
from plat.plan import variables
from plat.plan.model import SecretRef, Workload
from providers.local.environment import resolve_environment

_MEMORY = 512
_GRACE = 30

# Docker asks inside of the container, where each image has something else to ask with.
_HEALTHY = """\
url=http://127.0.0.1:{port}/healthz
if command -v curl > /dev/null; then exec curl -fsS -o /dev/null "$url"; fi
if command -v wget > /dev/null; then exec wget -q -O /dev/null "$url"; fi
exec python3 -c "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)" "$url"
"""


def of_workload(site: Site, workload: Workload, after: Iterable[Declared]) -> Sequence[Declared]:
    """Everything of `workload`; it starts `after` what its contexts have inside of servers."""
    image = containers.image(site, workload.image or "", workload, f"{workload.name}--image")
    network = containers.network(site, workload)
    running = containers.container(
        site,
        workload,
        image,
        network,
        list(workload.command),
        memory=_MEMORY,
        environment=environment(workload),
        asks=["CMD", "/bin/sh", "-c", _HEALTHY.format(port=workload.port)] if workload.port else None,
        ports=[workload.port] if workload.port else [],
        grace=_GRACE,
        after=after,
        labels={labels.SECRETS: digest([*workload.secrets.values(), *workload.callers.values()])},
    )
    return [image, network, running]


def environment(workload: Workload) -> Mapping[str, str | Hidden]:
    """The variables of `workload`. Docker composes none, so that those which refer to a secret are made of it here."""
    refs = tuple(sorted({*workload.secrets.values(), *workload.callers.values()}))

    def resolved(values: Mapping[SecretRef, str]) -> Mapping[str, str]:
        secrets = {name: values[ref] for name, ref in workload.secrets.items()}
        callers = variables.of_callers({caller: values[ref] for caller, ref in workload.callers.items()})
        return resolve_environment(workload.environment, {**secrets, **callers})

    # What differs when secrets do is made of them.
    one, other = resolved(dict.fromkeys(refs, "one")), resolved(dict.fromkeys(refs, "other"))
    hidden = {*workload.secrets, variables.CALLERS, *(name for name in one if one[name] != other[name])}

    def of(name: str) -> Hidden:
        return Hidden(refs, lambda values: resolved(values)[name])

    return {name: of(name) if name in hidden else text for name, text in one.items()}
