"""Ways: NetworkPolicies, Services and addresses. None is opened that the plan does not have."""

from __future__ import annotations

from components.kubernetes.admission.policy import BREACH, CHANGES, UNREADABLE, Check, On, Policy, texts
from plat.kubernetes import labels
from plat.kubernetes.flows import STRIMZI

_DECLARE = "declare the relation in a descriptor, ways follow from it"
_GATEWAY = "mark the operation as `public` in its descriptor"
_SELECT = "select pods of the unit's own by labels of the unit's own"


def policy() -> Policy:
    """What opens a way, or gives one a name."""
    return Policy(
        "ways",
        [
            On("networking.k8s.io", ["networkpolicies", "ingresses"]),
            On("discovery.k8s.io", ["endpointslices"]),
            On("", ["services", "endpoints"]),
        ],
        [
            Check(
                BREACH,
                "!variables.policy || (variables.planned ? variables.as_planned : "
                "(size(variables.spec.?ingress.orValue([])) == 0 && size(variables.spec.?egress.orValue([])) == 0))",
                "this NetworkPolicy opens a way that the plan does not have, and no other policy can close it again",
                _DECLARE,
            ),
            Check(
                UNREADABLE,
                "!(object.kind in ['Endpoints', 'EndpointSlice'])",
                "nobody can tell whose addresses these are",
                _DECLARE,
            ),
            Check(
                BREACH,
                "object.kind != 'Ingress'",
                "it is reached from outside of the cluster, past every route of the plan",
                _GATEWAY,
            ),
            Check(
                UNREADABLE,
                "!variables.service || variables.sort != 'ExternalName'",
                "this Service gives somebody else's address a name of its own",
                _DECLARE,
            ),
            Check(
                BREACH,
                "!variables.service || ((variables.sort in ['ClusterIP', 'ExternalName'] || "
                "(variables.sort == 'NodePort' && variables.planned)) && "
                "size(variables.spec.?externalIPs.orValue([])) == 0 && variables.spec.?loadBalancerIP.orValue('') == '' && "
                "variables.spec.?loadBalancerClass.orValue('') == '')",
                "this Service is reached from outside of the cluster, past every route of the plan",
                _GATEWAY,
            ),
            Check(
                UNREADABLE,
                "!variables.service || size(variables.selector) > 0",
                "nobody can tell where this Service leads, since it selects no pods",
                _SELECT,
            ),
            Check(
                UNREADABLE,
                "!variables.service || variables.planned || size(variables.selector) == 0 || "
                f"(!{texts(labels.ROLES)}.exists(label, label in variables.selector) && variables.selector.exists(label, "
                f"!(label in {texts(_ON_PODS)}) && !label.contains('kubernetes.io/')) && "
                "!variables.selector.exists(label, label.startsWith('cnpg.io/') || "
                f"label.startsWith('{STRIMZI}')))",
                "this Service is another name for what the plan has, by which who reaches it is not told",
                _SELECT,
            ),
            Check(
                BREACH,
                "!variables.service || !variables.planned || variables.as_planned_service",
                "this Service bears the name of what the landscape plans, and differs from it",
                "leave it to Plat",
            ),
        ],
        {
            "policy": "object.kind == 'NetworkPolicy'",
            "service": "object.kind == 'Service'",
            "spec": "object.?spec.orValue({})",
            "sort": "variables.spec.?type.orValue('ClusterIP')",
            "selector": "variables.spec.?selector.orValue({})",
            "as_planned": "variables.fixed in ['', '%s'.format([object.spec])]",
            "ports": "variables.spec.?ports.orValue([]).map(port, string(port.port))",
            "node_ports": "variables.spec.?ports.orValue([]).map(port, string(port.?nodePort.orValue(0)))",
            "from_nodes": "[variables.sort, variables.spec.?externalTrafficPolicy.orValue('')]",
            "as_planned_service": "variables.fixed == '%s'.format([[dyn(variables.selector), dyn(variables.ports), "
            "dyn(variables.node_ports), dyn(variables.from_nodes)]])",
        },
        conditions={"something-changes": CHANGES},
        planned=True,
    )


# What Plat and controllers label pods with: who selects by nothing else may select what is planned.
_ON_PODS = (labels.UNIT, labels.TEAM, "controller-revision-hash", "controller-uid", "job-name", "pod-template-hash")
