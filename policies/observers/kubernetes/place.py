"""Where an object is: its name, and the namespace of which unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plat.claims import Claim
from plat.kubernetes import labels
from plat.plan.model import Namespace
from policies.ground import Ground
from policies.observed import Observed, Properties

# Kinds that are in no namespace.
_WIDE = (
    ":ClusterRole",
    ":ClusterRoleBinding",
    ":ClusterTriggerAuthentication",
    ":MutatingAdmissionPolicy",
    ":MutatingAdmissionPolicyBinding",
    ":MutatingWebhookConfiguration",
    ":Namespace",
    ":PersistentVolume",
    ":ValidatingAdmissionPolicy",
    ":ValidatingAdmissionPolicyBinding",
    ":ValidatingWebhookConfiguration",
)


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one object; `unit` is whose namespace it is, None where that is no unit's of the plan."""

    name: str
    namespace: str | None
    unit: Namespace | None

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts that whatever runs there acts for."""
        return self.unit.contexts if self.unit else ()

    def claims(self, resource: Observed, ground: Ground) -> Iterator[Claim]:
        """That an object which the plan does not have is in a unit's namespace, and does not say that it is another's."""
        if self.namespace is None:
            return
        if not self.unit:
            yield resource.opaque(
                f"namespace `{self.namespace}` is no unit's of this landscape, so that nothing fences what is in it",
                f"put it into one of {', '.join(sorted(ground.namespaces))}",
                "metadata.namespace",
            )
            return
        yield from self.owners(resource, resource.properties.inner("metadata"))

    def owners(self, resource: Observed, metadata: Properties) -> Iterator[Claim]:
        """That the labels of an object, or of the pods that it makes, do not say that it is somebody else's."""
        said = metadata.inner("labels")
        for label, own in ((labels.UNIT, self.unit.unit), (labels.TEAM, self.unit.team)) if self.unit else ():
            if label in said and said.text(label) != own:
                yield resource.breach(
                    f"it is in the namespace of {own} and says that it is {said.text(label)}'s",
                    "put it into the namespace of whose it is",
                    said.field(label),
                )


def place_of(resource: Observed, ground: Ground) -> Place:
    """The place of `resource`. Raises Unreadable where nobody can tell."""
    metadata = resource.properties.inner("metadata")
    name = metadata.text("name")
    if resource.type.endswith(_WIDE):
        return Place(name, None, None)
    namespace = metadata.text("namespace", "default")
    return Place(name, namespace, ground.namespaces.get(namespace))
