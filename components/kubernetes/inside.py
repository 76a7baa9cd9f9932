"""What is inside of a server: a Job that makes it, since from outside of the cluster nobody reaches a server.

Its whole task is one document in a Secret that its pod alone mounts; `python -m providers.cluster` carries it out. A changed
task is another Job: a Job that has run is not changed, and its name says which task it was. Where only a secret has another
value, the Job is replaced by one of the same name.
"""

from __future__ import annotations

from collections.abc import Sequence

from components.inside import task_of
from components.kubernetes import network
from components.kubernetes.manifest import Manifest, Unit, digest, opaque
from plat import names
from plat.kubernetes import labels, pods
from plat.kubernetes.flows import End
from plat.plan.model import Server

_FILES = "/etc/plat"
_TASK = "task.json"
_MEMORY = 256
_ATTEMPTS = 6
_SECONDS = 300
_LONGER = 60  # than the Job itself takes at most, so that it is the Job that says why it has failed


def of_server(unit: Unit, server: Server, running: Manifest) -> Sequence[Manifest]:
    """The Job that makes what the plan has inside of `server`, which is `running`."""
    name = f"{server.name}--inside"
    task = task_of(unit.plan, server)
    # Of the names of secrets, not of their values: a name is no place for what follows from those.
    shape = task.shape
    hidden = unit.put("v1", "Secret", f"{name}-{shape}", opaque({_TASK: task.document}), resource=name)
    account = unit.put("v1", "ServiceAccount", name, {"automountServiceAccountToken": False})
    policy = network.of_inside(unit, server)
    container = pods.container(
        "inside",
        unit.cluster.images["plat"],
        _MEMORY,
        unit.cluster.pull,
        command=["python3", "-m", "providers.cluster", f"{_FILES}/{_TASK}"],
        volumeMounts=[pods.mount("task", _FILES), pods.mount("tmp", "/tmp", writable=True)],  # noqa: S108 - a pod's own
    )
    template = pods.pod(
        {**labels.of_unit(unit.plan, unit.namespace, name), **End.inside(server).labels},
        [container],
        # No pod template of a Job can change, so that this replaces it.
        {labels.SECRETS: digest(task.document.refs)},
        serviceAccountName=name,
        restartPolicy="OnFailure",
        volumes=[pods.from_secret("task", hidden.name), pods.scratch("tmp")],
    )
    spec = {"backoffLimit": _ATTEMPTS, "activeDeadlineSeconds": _SECONDS, "template": template}
    called = names.resource_name(*server.name.split("--"), "inside", limit=names.DNS_LIMIT - len(shape) - 1)
    after = [running, hidden, account, policy]
    seconds = _SECONDS + _LONGER
    job = unit.put("batch/v1", "Job", f"{called}-{shape}", {"spec": spec}, resource=name, after=after, seconds=seconds)
    return [hidden, account, policy, job]
