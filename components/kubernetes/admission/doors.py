"""Doors into what runs: a command, a copy of its terminal, a port, another container beside, a token of its account."""

from __future__ import annotations

from components.kubernetes.admission.policy import BREACH, Check, On, Policy

_HOLDS = "who is inside of a pod holds whatever it holds"


def policy() -> Policy:
    """`plat exec` is the one door, and who provisions has the key."""
    return Policy(
        "doors",
        [
            On("", ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy"], ["CONNECT"]),
            On("", ["pods/ephemeralcontainers"], ["CREATE", "UPDATE"]),
            On("", ["serviceaccounts/token"], ["CREATE"]),
            On("apps", ["deployments/scale", "replicasets/scale", "statefulsets/scale"], ["UPDATE"]),
            On("kafka.strimzi.io", ["kafkanodepools/scale"], ["UPDATE"]),
            On("postgresql.cnpg.io", ["clusters/scale"], ["UPDATE"]),
        ],
        [
            Check(
                BREACH,
                "variables.door != 'pods/exec' || variables.provisions",
                _HOLDS,
                "let who provisions run `plat exec CONTEXT -- COMMAND`",
            ),
            Check(
                BREACH,
                "!(variables.door in ['pods/attach', 'pods/portforward', 'pods/proxy', 'services/proxy'])",
                "it is a way round the network that the plan does not have",
                "use `plat exec CONTEXT -- COMMAND`, or `plat verify` to see who reaches what",
            ),
            Check(
                BREACH,
                "variables.door != 'pods/ephemeralcontainers'",
                f"{_HOLDS}, and so does a container that is put beside",
                "use `plat exec CONTEXT -- COMMAND`",
            ),
            Check(
                BREACH,
                "request.subResource != 'scale' || (variables.provisions && "
                "!(variables.door in ['clusters/scale', 'kafkanodepools/scale', 'statefulsets/scale']))",
                "how many run is for the descriptor to say, and two servers on one volume destroy it",
                "change `scaling` in the descriptor and run `plat up`",
            ),
            Check(
                BREACH,
                "variables.door != 'serviceaccounts/token'",
                "a token lets anybody act as what runs",
                "leave accounts to pods, which ask nobody's API",
            ),
        ],
        {"door": "request.resource.resource + '/' + request.subResource"},
    )
