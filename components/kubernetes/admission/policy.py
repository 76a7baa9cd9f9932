"""A policy as plain data, and the two objects that it becomes: what it says, and where it holds.

https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.kubernetes.admission.facts import PLANNED
from components.kubernetes.manifest import Manifest
from plat.kubernetes import labels
from plat.plan.model import PLATFORM, Admission, Plan
from plat.rules import breach, deployable, rights

_API = "admissionregistration.k8s.io/v1"

BREACH, OWNERSHIP, UNREADABLE = breach.ID, deployable.ID, rights.OPAQUE_ID
"""The rules that a message names; `plat explain` tells why each is there."""

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold: `expression` (CEL), else the request is refused for breaking `rule`, with what to do."""

    rule: str
    expression: str
    reason: str
    remedy: str

    @property
    def validation(self) -> Part:
        """It as a policy has it."""
        message = f"error[{self.rule}]: {self.reason}: {self.remedy} (`plat explain {self.rule}`)"
        return {"expression": self.expression, "message": message, "reason": "Forbidden"}


@dataclass(frozen=True, slots=True)
class On:
    """Requests that a policy judges: these operations on these resources of one API group."""

    group: str
    resources: Sequence[str]
    operations: Sequence[str] = ("CREATE", "UPDATE")
    scope: str = "Namespaced"

    @property
    def rule(self) -> Part:
        """It as a policy has it."""
        return {
            "apiGroups": [self.group],
            "apiVersions": ["*"],
            "operations": list(self.operations),
            "resources": list(self.resources),
            "scope": self.scope,
        }


@dataclass(frozen=True, slots=True)
class Policy:
    """What is judged (`on`), by what. With `planned` it knows what is planned in the namespace.

    `everywhere` is for what is in no namespace; any other policy holds in the namespaces of its landscape.
    """

    name: str
    on: Sequence[On]
    checks: Sequence[Check]
    variables: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    planned: bool = False
    everywhere: bool = False


def manifests(plan: Plan, admission: Admission, policy: Policy) -> tuple[Manifest, Manifest]:
    """The policy and its binding, in the landscape of `plan`."""
    conditions = {**_CONDITIONS, "by-hand": _by_hand(plan, admission), **policy.conditions}
    variables = {
        "provisions": _provisions(admission),
        **_VARIABLES,
        **(_PLANNED if policy.planned else {}),
        **policy.variables,
    }
    spec: Part = {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "matchPolicy": "Equivalent",
            "namespaceSelector": {},
            "objectSelector": {},
            "resourceRules": [on.rule for on in policy.on],
        },
        "matchConditions": [{"name": name, "expression": expression} for name, expression in conditions.items()],
        "variables": [{"name": name, "expression": expression} for name, expression in variables.items()],
        "validations": [check.validation for check in policy.checks],
    }
    said = _wide(plan, "ValidatingAdmissionPolicy", policy.name, {"spec": spec})
    bound: Part = {"policyName": said.name, "validationActions": ["Deny"]}
    if not policy.everywhere:
        bound["matchResources"] = {
            "matchPolicy": "Equivalent",
            "namespaceSelector": {"matchLabels": {labels.PART_OF: plan.landscape}},
            "objectSelector": {},
        }
    return said, _wide(plan, "ValidatingAdmissionPolicyBinding", policy.name, {"spec": bound}, after=(said,))


def _wide(plan: Plan, kind: str, name: str, content: Part, after: tuple[Manifest, ...] = ()) -> Manifest:
    called = f"{plan.landscape}.{name}"
    return Manifest(
        api_version=_API,
        kind=kind,
        name=called,
        namespace=None,
        unit=PLATFORM,
        labels={
            labels.NAME: called,
            labels.PART_OF: plan.landscape,
            labels.MANAGED_BY: labels.OURS,
            labels.UNIT: PLATFORM,
        },
        content=content,
        resource=f"{PLATFORM}--admission--{name}",
        after=after,
    )


_CONDITIONS = {
    # A preview asks with policies that are about to change. It changes nothing, and the update is judged.
    "no-trial": "!request.?dryRun.orValue(false)",
}

# An update may take over fields that stay as they are, before it changes them: that opens nothing.
CHANGES = (
    "oldObject == null || ['spec', 'template', 'rules', 'roleRef', 'subjects', 'automountServiceAccountToken']"
    ".exists(part, object[?part] != oldObject[?part])"
)
"""A condition: that what the planned part of an object is in changes."""

_VARIABLES = {
    # What is deleted is only the old object.
    "subject": "object != null ? object : oldObject",
}

_PLANNED = {
    "plan": "namespaceObject.metadata.?annotations.orValue({})",
    "key": f"variables.subject.kind + '{PLANNED}' + variables.subject.metadata.?name.orValue('')",
    "planned": "variables.key in variables.plan",
    "fixed": "variables.plan[?variables.key].orValue('')",
}

_OF_THE_CLUSTER = ("system:apiserver", "system:kube-controller-manager", "system:kube-scheduler")


def _by_hand(plan: Plan, admission: Admission) -> str:
    """Not those who carry out what has been allowed: what they are told was judged when somebody told them."""
    users = [*_OF_THE_CLUSTER, *_inside(plan)]
    groups = ["system:nodes", *(f"system:serviceaccounts:{namespace}" for namespace in admission.controllers)]
    return (
        f"!(request.userInfo.?username.orValue('') in {texts(users)}) && "
        f"!request.userInfo.?groups.orValue([]).exists(group, group in {texts(groups)})"
    )


def _inside(plan: Plan) -> Iterator[str]:
    """Operators of a server that run in its own namespace, under accounts that no pod of anybody else's may have."""
    for server in plan.servers:
        if plan.cluster and plan.cluster.operator_of(server) == "strimzi":
            yield f"system:serviceaccount:{server.namespace}:{server.name}-entity-operator"


def _provisions(admission: Admission) -> str:
    """Whether it is who provisions that asks."""
    if admission.user:
        return f"request.userInfo.?username.orValue('') == {text(admission.user)}"
    if admission.group:
        return f"{text(admission.group)} in request.userInfo.?groups.orValue([])"
    # Who may change this very policy could take it away as well.
    own = "authorizer.group('admissionregistration.k8s.io').resource('validatingadmissionpolicies')"
    return f"{own}.check('update').allowed()"


def text(value: str) -> str:
    """A text as CEL writes it."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def texts(values: Sequence[str]) -> str:
    """A list of texts as CEL writes it."""
    return f"[{', '.join(map(text, values))}]"
