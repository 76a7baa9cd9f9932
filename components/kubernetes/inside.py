"""What is inside of a server: a Job that makes it, since from outside of the cluster nobody reaches a server.

Its whole task is one document in a Secret that its pod alone mounts; `python -m providers.cluster` carries it out. A changed
task is another Job: a Job that has run is not changed, and its name says which task it was. Where anything else of it changes,
or the value of a secret, it is replaced by one of the same name. The cluster removes it once it has ended (docs/adr/0044).

The document is packed: who may be in the broker of a thousand contexts takes 320 KB, of the 1 MiB that a Secret can hold, and
all of it is sent, kept and encrypted whenever one comes or goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.inside import Extent, Task, task_of
from components.kubernetes import network
from components.kubernetes.manifest import Body, Manifest, Unit, digest, opaque
from plat import names
from plat.kubernetes import labels, pods
from plat.kubernetes.flows import End
from plat.plan.model import PLATFORM, SecretRef, Server

NAMED = "{name}"
"""What stands in a form for the name of the object that has it."""

_FILES = "/etc/plat"
_TASK = "task.json.gz"
_MEMORY = 256
_ATTEMPTS = 6
_SECONDS = 300
_LONGER = 60  # than the Job itself takes at most, so that it is the Job that says why it has failed
_STAYS = 120
"""Seconds that it can be looked at when it has ended: whoever waits for one is shown all others of the namespace."""


def of_server(unit: Unit, server: Server, running: Manifest) -> Sequence[Manifest]:
    """The Job that makes what the plan has inside of `server`, which is `running`; all of it, unless that is divided."""
    name = f"{server.name}--inside"
    task = task_of(unit.plan, server, Extent.PART if unit.divided and server.owner == PLATFORM else Extent.ALL)
    # Of the names of secrets, not of their values: a name is no place for what follows from those.
    hidden = unit.put("v1", "Secret", f"{name}-{task.shape}", opaque({_TASK: task.document}, packed=True), resource=name)
    account = unit.put("v1", "ServiceAccount", name, {"automountServiceAccountToken": False})
    policy = network.of_inside(unit, server)
    return [hidden, account, policy, _job(unit, server, task, hidden, name, [running, hidden, account, policy])]


def of_share(unit: Unit, server: Server, resource: str, extent: Extent) -> Sequence[Manifest]:
    """The Job by which a share works in a server that another one has made, under that one's account and policy."""
    task = task_of(unit.plan, server, extent)
    hidden = unit.put("v1", "Secret", _called(resource, task), opaque({_TASK: task.document}, packed=True), resource=resource)
    return [hidden, _job(unit, server, task, hidden, resource, [hidden])]


def form_of(unit: Unit, server: Server) -> Body:
    """The pods of all such Jobs, but for the name of the Job, which is that of its Secret too: `facts` say it once for all."""
    return _pod(unit, server, NAMED, ())


def _job(  # noqa: PLR0913, PLR0917 - an argument for each thing that differs
    unit: Unit, server: Server, task: Task, hidden: Manifest, resource: str, after: Sequence[Manifest]
) -> Manifest:
    template = _pod(unit, server, hidden.name, task.document.refs)
    ends = {"backoffLimit": _ATTEMPTS, "activeDeadlineSeconds": _SECONDS, "ttlSecondsAfterFinished": _STAYS}
    spec = {**ends, "template": template}
    seconds = _SECONDS + _LONGER
    name = _called(resource, task)
    return unit.put("batch/v1", "Job", name, {"spec": spec}, resource=resource, after=after, seconds=seconds, passing=True)


def _called(resource: str, task: Task) -> str:
    return f"{names.resource_name(*resource.split('--'), limit=names.DNS_LIMIT - len(task.shape) - 1)}-{task.shape}"


def _pod(unit: Unit, server: Server, secret: str, refs: Sequence[SecretRef]) -> dict[str, Any]:
    name = f"{server.name}--inside"
    container = pods.container(
        "inside",
        unit.cluster.images["plat"],
        _MEMORY,
        unit.cluster.pull,
        command=["python3", "-m", "providers.cluster", f"{_FILES}/{_TASK}"],
        volumeMounts=[pods.mount("task", _FILES), pods.mount("tmp", "/tmp", writable=True)],  # noqa: S108 - a pod's own
    )
    return pods.pod(
        {**labels.of_unit(unit.plan, unit.namespace, name), **End.inside(server).labels},
        [container],
        # No pod template of a Job can change, so that this replaces it.
        {labels.SECRETS: digest(refs)},
        serviceAccountName=name,
        restartPolicy="OnFailure",
        volumes=[pods.from_secret("task", secret), pods.scratch("tmp")],
    )
