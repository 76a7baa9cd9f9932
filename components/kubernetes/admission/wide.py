"""What is in no namespace and reaches into a landscape's: the namespaces themselves, volumes, rights of the whole cluster."""

from __future__ import annotations

from components.kubernetes.admission.policy import BREACH, OWNERSHIP, UNREADABLE, Check, On, Policy, text, texts
from components.kubernetes.namespaces import SECURITY
from plat.kubernetes import labels
from plat.names import SHORTENED
from plat.plan.model import Plan

_DECLARE = "declare a context or a deployable, its namespace follows from it"
_KEPT = (labels.PART_OF, labels.UNIT, labels.MANAGED_BY)


def namespaces(plan: Plan) -> Policy:
    """A unit's namespace keeps its labels, by which fences and policies know it, and nobody else's bears them."""
    part_of = _label("it", labels.PART_OF)
    unit = _label("object", labels.UNIT)
    prefix = text(f"{plan.landscape}--")
    return Policy(
        "namespaces",
        [On("", ["namespaces"], ("CREATE", "UPDATE", "DELETE"), "Cluster")],
        [
            Check(
                BREACH,
                "variables.provisions",
                "the namespace of a unit is for who provisions alone to make, change or remove",
                "change the descriptor and run `plat up`",
            ),
            Check(
                OWNERSHIP,
                f"object == null || object.metadata.name == {prefix} + {unit} || "
                f"object.metadata.name.contains({text(SHORTENED)})",
                "it is labelled as a unit of this landscape, and is none's",
                _DECLARE,
            ),
            Check(
                OWNERSHIP,
                f"object == null || oldObject == null || {texts(_KEPT)}.all(label, "
                "!(label in oldObject.metadata.?labels.orValue({})) || "
                "object.metadata.?labels[?label] == oldObject.metadata.?labels[?label])",
                "fences and policies know the namespace by these labels, and would not know it any more",
                "leave the labels to Plat",
            ),
            Check(
                BREACH,
                f"object == null || {texts(tuple(SECURITY))}.all(label, "
                "object.metadata.?labels[?label].orValue('') == 'restricted')",
                "without Pod Security a pod in it may be on the node itself",
                "leave the labels `pod-security.kubernetes.io/*` at `restricted`",
            ),
        ],
        conditions={
            "of-the-landscape": f"[object, oldObject].exists(it, it != null && ({part_of} == {text(plan.landscape)} || "
            f"it.metadata.name.startsWith({prefix})))"
        },
        everywhere=True,
    )


def rights(plan: Plan) -> Policy:
    """Rights of the landscape's teams in every namespace, and volumes that say themselves who claims them."""
    prefix = text(f"{plan.landscape}--")
    return Policy(
        "wide",
        [
            On("rbac.authorization.k8s.io", ["clusterrolebindings"], scope="Cluster"),
            On("", ["persistentvolumes"], scope="Cluster"),
        ],
        [
            Check(
                BREACH,
                "object.kind != 'ClusterRoleBinding' || !object.?subjects.orValue([]).exists(one, "
                f"(one.kind == 'Group' && one.name in {texts(plan.groups)}) || "
                f"(one.kind == 'ServiceAccount' && one.?namespace.orValue('').startsWith({prefix})) || "
                f"(one.kind == 'Group' && one.name.startsWith({text(f'system:serviceaccounts:{plan.landscape}--')})))",
                "it gives a unit's team or account rights in every unit's namespace",
                "name the team in a descriptor, what its group may see follows from it",
            ),
            Check(
                UNREADABLE,
                "object.kind != 'PersistentVolume' || variables.claimed == variables.claimed_before || "
                "!(variables.claimed + ' ' + variables.claimed_before).split(' ').exists(claim, "
                f"claim.startsWith({prefix}))",
                "it gives a unit's claim other storage, or a unit's storage to another claim",
                "declare the datastore in its context's descriptor, its volume follows from it",
            ),
        ],
        {"claimed": _claim("object"), "claimed_before": f"oldObject == null ? '' : {_claim('oldObject')}"},
        # Volumes are made by whatever makes them for claims, which is an account of the cluster.
        conditions={
            "not-storage": "object.kind != 'PersistentVolume' || "
            "!('system:serviceaccounts' in request.userInfo.?groups.orValue([]))"
        },
        everywhere=True,
    )


def _label(thing: str, label: str) -> str:
    return f"{thing}.metadata.?labels[?{text(label)}].orValue('')"


def _claim(thing: str) -> str:
    return f"{thing}.?spec.?claimRef.?namespace.orValue('') + '/' + {thing}.?spec.?claimRef.?name.orValue('')"
