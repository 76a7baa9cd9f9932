"""Rights in a unit's namespace: roles, accounts, keys to the API, storage, limits, and what is inside of a broker."""

from __future__ import annotations

from components.kubernetes.admission.facts import PLANNED
from components.kubernetes.admission.policy import BREACH, CHANGES, Check, On, Policy, texts
from components.kubernetes.operated import INSIDE
from plat.kubernetes import labels, reading

_TEAMS = "name the team in a descriptor, what its group may see follows from it"
_AS_PLANNED = "leave it to Plat, it follows from the descriptors and the environment"
_STORAGE = "declare the datastore in its context's descriptor, its volume follows from it"


def policy() -> Policy:
    """What gives rights, or limits what one unit may use up."""
    team = f"namespaceObject.metadata.?labels[?'{labels.TEAM}'].orValue('')"
    return Policy(
        "rights",
        [
            On("rbac.authorization.k8s.io", ["rolebindings", "roles"]),
            On("autoscaling", ["horizontalpodautoscalers"]),
            On("", ["limitranges", "persistentvolumeclaims", "resourcequotas", "secrets", "serviceaccounts"]),
            On("rabbitmq.com", ["*"]),
        ],
        [
            Check(
                BREACH,
                f"object.kind != 'Role' || (variables.planned ? variables.fixed == '%s'.format([variables.rules]) : "
                f"variables.rules.all(rule, rule.verbs.all(verb, verb in {texts(reading.VERBS)}) && "
                f"rule.?resources.orValue([]).all(resource, resource in {texts(reading.RESOURCES)}) && "
                "size(rule.?nonResourceURLs.orValue([])) == 0))",
                "this Role lets change what runs, or see what holds rights",
                _TEAMS,
            ),
            Check(
                BREACH,
                "object.kind != 'RoleBinding' || (variables.planned ? "
                "variables.fixed == '%s'.format([[dyn(object.roleRef), dyn(object.?subjects.orValue([]))]]) : "
                "(object.roleRef.kind == 'Role' && object.?subjects.orValue([]).all(one, "
                "(one.kind == 'ServiceAccount' && one.?namespace.orValue(request.namespace) == request.namespace) || "
                f"(one.kind == 'Group' && one.name == {team}))))",
                "this RoleBinding gives rights to somebody who is neither the unit's team nor an account of its own",
                _TEAMS,
            ),
            Check(
                BREACH,
                "object.kind != 'ServiceAccount' || !object.?automountServiceAccountToken.orValue(false)",
                "pods that run as it may speak to the cluster's API",
                "leave `automountServiceAccountToken` out",
            ),
            Check(
                BREACH,
                "object.kind != 'Secret' || object.?type.orValue('') != 'kubernetes.io/service-account-token'",
                "it holds a key to the cluster's API, which is above every fence",
                _TEAMS,
            ),
            Check(
                BREACH,
                "object.kind != 'PersistentVolumeClaim' || (request.operation == 'UPDATE' ? "
                "object.spec.?volumeName == oldObject.spec.?volumeName : "
                "!['volumeName', 'dataSource', 'dataSourceRef', 'selector'].exists(field, field in object.spec))",
                "it takes over storage that is there already",
                _STORAGE,
            ),
            Check(
                BREACH,
                "object.kind != 'HorizontalPodAutoscaler' || variables.planned || "
                f"!((object.spec.scaleTargetRef.kind + '{PLANNED}' + object.spec.scaleTargetRef.name) in variables.plan)",
                "it decides how many run of what is planned, and two servers on one volume destroy it",
                "say it in the descriptor's `scaling`, what scales follows from it",
            ),
            Check(
                BREACH,
                f"!(object.kind in {texts(('LimitRange', 'ResourceQuota', *INSIDE))}) || !variables.planned || "
                "variables.fixed in ['', '%s'.format([object.spec])]",
                "it bears the name of what the landscape plans, and differs from it",
                _AS_PLANNED,
            ),
        ],
        {"rules": "object.?rules.orValue([])"},
        conditions={"something-changes": CHANGES},
        planned=True,
    )
