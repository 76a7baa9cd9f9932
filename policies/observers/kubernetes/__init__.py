"""Claims of objects of a cluster: those that the plan has are just as planned, and others open no way that it has not.

Every type that can reach a datastore, a secret, a network or a workload is read; a type that nobody reads does not pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from plat.claims import Claim
from policies.ground import Ground
from policies.observed import Observed, Unreadable
from policies.observers.kubernetes import (
    access,
    cloudnative_pg,
    network,
    planned,
    rabbitmq,
    routes,
    scaling,
    strimzi,
    workloads,
)
from policies.observers.kubernetes.place import Place, place_of

Observer = Callable[[Observed, Place, Ground], Iterator[Claim]]

PREFIX = "kubernetes:"

# Of these nothing is made but what stands below them, which is judged by itself.
_GROUPS = (
    "kubernetes:helm.sh/v3:Chart",
    "kubernetes:helm.sh/v4:Chart",
    "kubernetes:kustomize/v2:Directory",
    "kubernetes:kustomize:Directory",
    "kubernetes:yaml/v2:ConfigFile",
    "kubernetes:yaml/v2:ConfigGroup",
    "kubernetes:yaml:ConfigFile",
    "kubernetes:yaml:ConfigGroup",
)


def _nothing(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:  # noqa: ARG001 - one signature for all
    yield from ()


OBSERVERS: Mapping[str, Observer] = {
    "admissionregistration.k8s.io/v1:MutatingAdmissionPolicy": access.admission,
    "admissionregistration.k8s.io/v1:MutatingAdmissionPolicyBinding": access.admission,
    "admissionregistration.k8s.io/v1:MutatingWebhookConfiguration": access.admission,
    "admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy": access.admission,
    "admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding": access.admission,
    "admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration": access.admission,
    "apps/v1:DaemonSet": workloads.of_template,
    "apps/v1:Deployment": workloads.of_template,
    "apps/v1:ReplicaSet": workloads.of_template,
    "apps/v1:StatefulSet": workloads.of_template,
    "autoscaling/v1:HorizontalPodAutoscaler": workloads.of_autoscaler,
    "autoscaling/v2:HorizontalPodAutoscaler": workloads.of_autoscaler,
    "batch/v1:CronJob": workloads.of_cron_job,
    "batch/v1:Job": workloads.of_template,
    "core/v1:ConfigMap": access.texts,
    "core/v1:Endpoints": network.endpoints,
    "core/v1:LimitRange": _nothing,
    "core/v1:Namespace": network.namespace,
    "core/v1:PersistentVolume": access.volume,
    "core/v1:PersistentVolumeClaim": access.volume_claim,
    "core/v1:Pod": workloads.of_pod,
    "core/v1:ReplicationController": workloads.of_template,
    "core/v1:ResourceQuota": _nothing,
    "core/v1:Secret": access.texts,
    "core/v1:Service": network.service,
    "core/v1:ServiceAccount": access.account,
    "discovery.k8s.io/v1:EndpointSlice": network.endpoints,
    "gateway.networking.k8s.io/v1:GRPCRoute": routes.stream,
    "gateway.networking.k8s.io/v1:Gateway": routes.gateway,
    "gateway.networking.k8s.io/v1:GatewayClass": routes.gateway,
    "gateway.networking.k8s.io/v1:HTTPRoute": routes.http,
    "gateway.networking.k8s.io/v1:TLSRoute": routes.stream,
    "gateway.networking.k8s.io/v1alpha2:TCPRoute": routes.stream,
    "gateway.networking.k8s.io/v1alpha2:TLSRoute": routes.stream,
    "gateway.networking.k8s.io/v1alpha2:UDPRoute": routes.stream,
    "gateway.networking.k8s.io/v1beta1:ReferenceGrant": routes.grant,
    "keda.sh/v1alpha1:ClusterTriggerAuthentication": access.cluster_wide,
    "keda.sh/v1alpha1:ScaledJob": scaling.scaled_job,
    "keda.sh/v1alpha1:ScaledObject": scaling.scaled_object,
    "keda.sh/v1alpha1:TriggerAuthentication": scaling.authentication,
    "networking.k8s.io/v1:Ingress": routes.stream,
    "networking.k8s.io/v1:IngressClass": routes.gateway,
    "networking.k8s.io/v1:NetworkPolicy": network.policy,
    "policy/v1:PodDisruptionBudget": _nothing,
    "rbac.authorization.k8s.io/v1:ClusterRole": access.cluster_wide,
    "rbac.authorization.k8s.io/v1:ClusterRoleBinding": access.cluster_wide,
    "rbac.authorization.k8s.io/v1:Role": access.role,
    "rbac.authorization.k8s.io/v1:RoleBinding": access.binding,
    **cloudnative_pg.OBSERVERS,
    **rabbitmq.OBSERVERS,
    **strimzi.OBSERVERS,
}
"""How an object that the plan does not have is read, by group, version and kind."""


def observe(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """The claims of any resource of the Kubernetes provider."""
    if resource.type in _GROUPS:
        return
    if not ground.plan.cluster:
        yield resource.opaque("this landscape is not on a cluster here", "use an environment whose target is kubernetes")
        return
    kind = resource.type.removeprefix(PREFIX)
    reader = OBSERVERS.get(kind)
    if reader is None:
        yield resource.opaque(
            "no observer of the policy pack knows this type, and what nobody can read may do anything",
            "express it in a descriptor, or add an observer for the type to policies/observers/kubernetes",
        )
        return
    place = place_of(resource, ground)
    manifest = ground.objects.get((resource.type, place.namespace, place.name))
    if manifest:
        yield from planned.just_so(resource, manifest, ground)
        return
    yield from place.claims(resource, ground)
    yield from reader(resource, place, ground)


def where(resource: Observed, ground: Ground) -> tuple[str, str] | None:
    """The namespace of an object, empty for one that is in none, and its name; None where that cannot be told."""
    try:
        place = place_of(resource, ground)
    except Unreadable:
        return None
    return place.namespace or "", place.name


def identity(resource: Observed, ground: Ground) -> tuple[str, ...] | None:
    """Which object a resource manages, or which thing inside of a broker; None where that cannot be told."""
    try:
        place = place_of(resource, ground)
        kind = resource.type.removeprefix(PREFIX)
        inside = rabbitmq.identity(resource, kind) or strimzi.identity(resource, kind)
    except Unreadable:
        return None
    if inside:
        return inside
    return (resource.type, place.namespace or "", place.name)


def provider(resource: Observed, ground: Ground) -> Iterator[Claim]:
    """A provider leads to the plan's cluster, by the way that the environment says, and changes nothing on that way."""
    cluster = ground.plan.cluster
    if not cluster:
        yield resource.opaque("this landscape is not on a cluster here", "use an environment whose target is kubernetes")
        return
    yield from planned.same_cluster(resource, cluster)
