"""What there is in a landscape's namespaces on a cluster, compared with what the landscape becomes there.

Asked is the API server, by `kubectl`. An object that is not planned is read by the observers of the policy pack. A planned one
is compared where it decides who may do what: all of a NetworkPolicy, a Role, a RoleBinding, what a workload runs and as whom.
Values of Secrets are let go of as they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.kubernetes.manifest import Manifest
from components.kubernetes.operated import OPERATED
from plat.audit.live.judging import again, missing, seen, ungranted
from plat.findings import Finding
from plat.kubernetes.kubectl import Kubectl
from plat.manual.audits import UNGRANTED
from policies.ground import Ground

Object = Mapping[str, Any]

_KINDS: Mapping[str, str] = {
    "cronjobs.batch": "batch/v1:CronJob",
    "daemonsets.apps": "apps/v1:DaemonSet",
    "deployments.apps": "apps/v1:Deployment",
    "ingresses.networking.k8s.io": "networking.k8s.io/v1:Ingress",
    "jobs.batch": "batch/v1:Job",
    "networkpolicies.networking.k8s.io": "networking.k8s.io/v1:NetworkPolicy",
    "persistentvolumeclaims": "core/v1:PersistentVolumeClaim",
    "pods": "core/v1:Pod",
    "rolebindings.rbac.authorization.k8s.io": "rbac.authorization.k8s.io/v1:RoleBinding",
    "roles.rbac.authorization.k8s.io": "rbac.authorization.k8s.io/v1:Role",
    "secrets": "core/v1:Secret",
    "serviceaccounts": "core/v1:ServiceAccount",
    "services": "core/v1:Service",
    "statefulsets.apps": "apps/v1:StatefulSet",
}
_WIDE: Mapping[str, str] = {
    "clusterrolebindings.rbac.authorization.k8s.io": "rbac.authorization.k8s.io/v1:ClusterRoleBinding",
}
_RIGHTS = ("NetworkPolicy", "Role", "RoleBinding")
_WORKLOADS = ("Deployment", "StatefulSet")
_RUNS = ("args", "command", "image", "name")
_DEFAULTS = (("protocol", "TCP"),)
"""What the API server writes where nothing is said."""

_BY_THE_CLUSTER = (("ServiceAccount", "default"),)


def ask(kubectl: Kubectl, namespaces: Iterable[str]) -> tuple[Object, ...]:
    """The objects in `namespaces`, and who may do what in all of them. Raises ClusterProblem."""
    found: list[Object] = []
    for namespace in namespaces:
        found += kubectl.listed(",".join(_KINDS), "--namespace", namespace)
    found += kubectl.listed(",".join(_WIDE))
    return tuple(map(_without_values, found))


def _without_values(item: Object) -> Object:
    return {key: value for key, value in item.items() if item.get("kind") != "Secret" or key not in {"data", "stringData"}}


def findings(objects: Iterable[Object], ground: Ground) -> Iterator[Finding]:
    """How what a cluster says differs from what the landscape becomes there."""
    there = set()
    for item in objects:
        token, namespace, name = _identity(item)
        planned = ground.objects.get((token, namespace, name))
        if planned:
            there.add((token, namespace, name))
            yield from _differing(item, planned, ground)
        elif namespace is None:
            yield from _wide(item, ground)
        elif not _made_by_others(item, ground):
            step = f"`kubectl delete {str(item['kind']).lower()} {name} --namespace {namespace}`"
            yield from ungranted(seen(token, _called(item), item), ground, step, "nothing in the landscape plans it")
    kinds = {f"kubernetes:{kind}" for kind in _KINDS.values()}
    for key, manifest in ground.objects.items():
        # A Job goes when it is done, and what it did is for the servers to say.
        if manifest.type_token in kinds and manifest.kind != "Job" and key not in there:
            where = f"namespace `{manifest.namespace}`"
            yield missing(f"{manifest.kind} `{manifest.name}`", where, ground.plan)


def _wide(item: Object, ground: Ground) -> Iterator[Finding]:
    """A right in every namespace that is given to accounts of the landscape's namespaces, or to its teams."""
    for subject in item.get("subjects") or ():
        kind, name = subject.get("kind"), subject.get("name")
        account = kind == "ServiceAccount" and subject.get("namespace") in ground.namespaces
        if account or (kind == "Group" and name in ground.plan.groups):
            called = f"{_called(item)} for {kind} `{name}`"
            resource = seen(_identity(item)[0], called, item)
            step = f"`kubectl delete clusterrolebinding {item['metadata']['name']}`"
            yield from ungranted(resource, ground, step, "nothing in the landscape plans it")


def _made_by_others(item: Object, ground: Ground) -> bool:
    """Whether a controller has made it of what is there, or the cluster by itself."""
    kind, metadata = str(item["kind"]), item["metadata"]
    name, namespace = metadata["name"], metadata.get("namespace")
    if (kind, name) in _BY_THE_CLUSTER or (namespace, name) in ground.secrets_of_operators:
        return True
    owners = metadata.get("ownerReferences") or ()
    if not _is_right(item):
        is_volume = kind == "PersistentVolumeClaim" and ground.server_of_volume(namespace, name) is not None
        return bool(owners) or is_volume
    # Whoever may write one may write an owner into it: of rights, those of what operators make of planned objects count.
    operated = {(item.namespace, item.kind, item.name) for item in ground.objects.values() if item.kind in OPERATED}
    return any((namespace, owner.get("kind"), owner.get("name")) in operated for owner in owners)


def _is_right(item: Object) -> bool:
    return item["kind"] in _RIGHTS


def _differing(item: Object, planned: Manifest, ground: Ground) -> Iterator[Finding]:
    wanted: Any
    found: Any
    if planned.kind in _RIGHTS:
        parts = sorted({*planned.content, "roleRef", "rules", "spec", "subjects"})
        wanted, found = ({part: source.get(part) for part in parts} for source in (planned.content, item))
    elif planned.kind in _WORKLOADS:
        wanted, found = _run(planned.content), _run(item)
    else:
        return
    field = _first_difference(wanted, found, "")
    if field is not None:
        called = _called(item)
        hint = f"{again(ground.plan)} makes it as planned"
        message = f"{called}: it differs from what the landscape plans, in `{field}`"
        yield Finding(rule=UNGRANTED.id, message=message, subject=called, field=field, hint=hint)


def _run(content: Object) -> Object:
    pod = content["spec"]["template"]["spec"]
    names = ("initContainers", "containers")
    containers = {name: [{key: each.get(key) for key in _RUNS} for each in pod.get(name) or ()] for name in names}
    return {**containers, "serviceAccountName": pod.get("serviceAccountName")}


def _first_difference(wanted: Any, found: Any, path: str) -> str | None:  # noqa: ANN401 - any part of an object
    """The first field that differs; lists that are empty and those that are not said are one."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key in sorted({*wanted, *found}):
            inner = f"{path}.{key}" if path else key
            one, other = wanted.get(key), found.get(key)
            if (one is None and (key, other) in _DEFAULTS) or (one in (None, []) and other in (None, [])):
                continue
            if (differing := _first_difference(one, other, inner)) is not None:
                return differing
        return None
    if isinstance(wanted, list | tuple) and isinstance(found, list) and len(wanted) == len(found):
        pairs = enumerate(zip(wanted, found, strict=True))
        fields = (_first_difference(one, other, f"{path}[{index}]") for index, (one, other) in pairs)
        return next((field for field in fields if field is not None), None)
    return None if wanted == found else path


def _identity(item: Object) -> tuple[str, str | None, str]:
    version, metadata = str(item["apiVersion"]), item["metadata"]
    group = version if "/" in version else f"core/{version}"
    return f"kubernetes:{group}:{item['kind']}", metadata.get("namespace"), str(metadata["name"])


def _called(item: Object) -> str:
    metadata = item["metadata"]
    where = f" in namespace `{metadata['namespace']}`" if metadata.get("namespace") else ""
    return f"{item['kind']} `{metadata['name']}`{where}"
