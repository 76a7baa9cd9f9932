"""A deployable as a Deployment, with the Service, the limits and the accounts that go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.kubernetes import network, outside, routes, scaling
from components.kubernetes.manifest import NO_AWAIT, Hidden, Manifest, Unit, digest, opaque, secret
from plat.kubernetes import labels, pods
from plat.kubernetes.flows import End, pods_of
from plat.plan import variables
from plat.plan.model import SecretRef, Workload

_MEMORY = 512
_GRACE = 30
_UNTIL_FORGOTTEN = 5  # seconds until nobody sends anything to a pod that has been told to end
# How long an update waits: for an image and the start that probes allow, then for each further pod of a roll-out.
_UNTIL_STARTED = 240
_EACH_FURTHER = 15


def of_workload(unit: Unit, workload: Workload, after: Sequence[Manifest]) -> Sequence[Manifest]:
    """Everything of `workload`; it starts `after` what its contexts have inside of servers."""
    account = unit.put("v1", "ServiceAccount", workload.name, {"automountServiceAccountToken": False})
    policy = network.of_workload(unit, workload)
    hidden = _secrets(unit, workload)
    before = [account, policy, hidden, *after]
    made = [account, policy, hidden]
    if workload.port is not None:
        service = {
            "spec": {
                "selector": End.of_workload(workload).labels,
                "ports": [{"name": "http", "port": workload.port, "targetPort": "http", "protocol": "TCP"}],
            }
        }
        named = unit.put("v1", "Service", workload.name, service, annotations=NO_AWAIT)
        made += [
            named,
            *outside.of(unit, workload, End.of_workload(workload).labels),
            *routes.of_workload(unit, workload, named),
        ]
    return [*made, *_running(unit, workload, before)]


def _secrets(unit: Unit, workload: Workload) -> Manifest:
    values: dict[str, Hidden] = {name: secret(ref) for name, ref in sorted(workload.secrets.items())}
    values[variables.CALLERS] = _callers(workload.callers)
    return unit.put("v1", "Secret", f"{workload.name}--env", opaque(values))


def _callers(callers: Mapping[str, SecretRef]) -> Hidden:
    def render(values: Mapping[SecretRef, str]) -> str:
        return variables.of_callers({caller: values[ref] for caller, ref in callers.items()})[variables.CALLERS]

    return Hidden(tuple(sorted({*callers.values()})), render)


def _running(unit: Unit, workload: Workload, before: Sequence[Manifest]) -> Sequence[Manifest]:
    selector = {"matchLabels": End.of_workload(workload).labels}
    spec: dict[str, Any] = {
        "selector": selector,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "revisionHistoryLimit": 3,
        "template": _pod(unit, workload),
    }
    # Where an autoscaler decides, an update must not.
    spec |= {} if scaling.is_scaled(workload) else {"replicas": workload.scaling.low if workload.scaling else 1}
    contexts = {labels.CONTEXTS: ",".join(workload.contexts)}
    further = workload.scaling.high - 1 if workload.scaling else 0
    seconds = _UNTIL_STARTED + _EACH_FURTHER * further
    deployment = unit.put(
        "apps/v1", "Deployment", workload.name, {"spec": spec}, annotations=contexts, after=before, seconds=seconds
    )
    budget = {"spec": {"selector": selector, "maxUnavailable": 1}}
    disruptions = unit.put("policy/v1", "PodDisruptionBudget", workload.name, budget)
    return [deployment, disruptions, *scaling.of_workload(unit, workload, deployment)]


def _pod(unit: Unit, workload: Workload) -> dict[str, Any]:
    hidden = f"{workload.name}--env"
    # Those that others refer to as `$(NAME)` have to stand before them.
    names = sorted({*workload.secrets, variables.CALLERS})
    environment: list[Any] = [{"name": name, "valueFrom": {"secretKeyRef": {"name": hidden, "key": name}}} for name in names]
    environment += [{"name": name, "value": value} for name, value in sorted(workload.environment.items())]
    more: dict[str, Any] = {
        "command": list(workload.command),
        "env": environment,
        "volumeMounts": [pods.mount("tmp", "/tmp", writable=True)],  # noqa: S108 - a pod's own
    }
    if workload.port is not None:
        more["ports"] = [{"name": "http", "containerPort": workload.port, "protocol": "TCP"}]
        more |= _probes()
    container = pods.container(workload.name, workload.image or "", _MEMORY, unit.cluster.pull, **more)
    return pods.pod(
        {**labels.of_unit(unit.plan, unit.namespace, workload.name), **pods_of(unit.plan, workload)},
        [container],
        # Pods read variables as they start: others' values, other pods.
        {
            labels.CONTEXTS: ",".join(workload.contexts),
            labels.SECRETS: digest([*workload.secrets.values(), *workload.callers.values()]),
        },
        serviceAccountName=workload.name,
        terminationGracePeriodSeconds=_GRACE,
        topologySpreadConstraints=[
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": End.of_workload(workload).labels},
            }
        ],
        volumes=[pods.scratch("tmp")],
    )


def _probes() -> dict[str, Any]:
    """`/healthz` and `/ready`, which every service answers (samples/README.md)."""
    lives = {"httpGet": {"path": "/healthz", "port": "http"}, "timeoutSeconds": 5}
    ready = {"httpGet": {"path": "/ready", "port": "http"}, "timeoutSeconds": 5}
    return {
        "startupProbe": {**lives, "periodSeconds": 2, "failureThreshold": 60},
        "livenessProbe": {**lives, "periodSeconds": 10, "failureThreshold": 3},
        "readinessProbe": {**ready, "periodSeconds": 5, "failureThreshold": 3},
        "lifecycle": {"preStop": {"sleep": {"seconds": _UNTIL_FORGOTTEN}}},
    }
