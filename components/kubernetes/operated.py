"""What operators make of the plan's objects by themselves, and no manifest names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from components.kubernetes.manifest import Manifest

_SECRETS: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "kubernetes:postgresql.cnpg.io/v1:Cluster": lambda name: tuple(f"{name}-{end}" for end in ("ca", "replication", "server")),
    "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster": lambda name: (f"{name}-erlang-cookie", f"{name}-default-user"),
    "kubernetes:rabbitmq.com/v1beta1:User": lambda name: (f"{name}-user-credentials",),
}


def secrets_of(manifest: Manifest) -> tuple[str, ...]:
    """The Secrets that an operator makes of `manifest`, in its namespace, by name."""
    made = _SECRETS.get(manifest.type_token)
    return made(manifest.name) if made else ()
