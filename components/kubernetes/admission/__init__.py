"""The third lock: policies of the cluster itself, which refuse by `kubectl` what the policy pack refuses (docs/adr/0022).

What they say is the same for every unit; what is planned in a namespace they read in annotations of that namespace
(`facts`), so that another unit changes no policy.
"""

from __future__ import annotations

from components.kubernetes.admission import doors, hands, kinds, pods, rights, ways, wide
from components.kubernetes.admission.policy import manifests
from components.kubernetes.manifest import Manifest
from plat.plan.model import Plan


def policies_of(plan: Plan) -> tuple[Manifest, ...]:
    """Every policy of `plan`, each followed by its binding; none where they are left out."""
    if not plan.cluster or not plan.cluster.admission:
        return ()
    admission = plan.cluster.admission
    policies = (
        hands.policy(),
        ways.policy(),
        pods.policy(plan.cluster),
        rights.policy(),
        kinds.policy(),
        doors.policy(),
        wide.namespaces(plan),
        wide.rights(plan),
    )
    return tuple(manifest for policy in policies for manifest in manifests(plan, admission, policy))
