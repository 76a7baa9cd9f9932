"""The local target's resources for Pulumi programs. What each property means stands in `providers.local.inputs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi
from pydantic.alias_generators import to_camel, to_snake


class Provider(pulumi.ProviderResource):
    """The provider for the servers of one runtime: `stack` is `<landscape>.<environment>`."""

    def __init__(self, resource_name: str, *, stack: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platlocal", resource_name, {"stack": stack}, opts)


class _Resource(pulumi.CustomResource):
    """A resource with attributes in snake case; `_outputs` are those that it gets beyond its inputs."""

    _outputs: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        type_name: str,
        resource_name: str,
        inputs: Mapping[str, pulumi.Input[Any] | None],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        # An attribute is made for every property that is named here, so outputs are named without a value.
        properties = {**inputs, **dict.fromkeys(self._outputs)}
        super().__init__(f"platlocal:index:{type_name}", resource_name, properties, opts)

    def translate_input_property(self, prop: str) -> str:
        """Return the name of `prop` on the wire."""
        # Pulumi asks for the keys of maps as well: a variable's name is the user's own and stays as it is.
        return to_camel(prop) if prop.islower() else prop

    def translate_output_property(self, prop: str) -> str:
        """Return the attribute's name of `prop` on the wire."""
        return to_snake(prop)


class Server(_Resource):
    """A PostgreSQL, Redis or RabbitMQ with a data directory and an administrator of its own."""

    name: pulumi.Output[str]
    host: pulumi.Output[str]
    port: pulumi.Output[int]
    admin_user: pulumi.Output[str]
    admin_password: pulumi.Output[str]
    running: pulumi.Output[bool]
    started_at: pulumi.Output[str]
    server_version: pulumi.Output[str]
    data_directory: pulumi.Output[str]

    _outputs = ("running", "started_at", "server_version", "data_directory")

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        kind: pulumi.Input[str],
        port: pulumi.Input[int],
        admin_user: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        version: pulumi.Input[str] | None = None,
        host: pulumi.Input[str] = "127.0.0.1",
        extra_ports: Mapping[str, pulumi.Input[int]] | None = None,
        durability: pulumi.Input[str] = "persistent",
        labels: Mapping[str, pulumi.Input[str]] | None = None,
        settings: Mapping[str, pulumi.Input[str]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name,
            "kind": kind,
            "version": version,
            "host": host,
            "port": port,
            "extra_ports": extra_ports or None,
            "durability": durability,
            "admin_user": admin_user,
            "admin_password": pulumi.Output.secret(admin_password),
            "labels": labels or {},
            "settings": settings or {},
        }
        super().__init__("Server", resource_name, inputs, opts)


class Process(_Resource):
    """A deployable as a process, with exactly the variables given here."""

    name: pulumi.Output[str]
    running: pulumi.Output[bool]
    started_at: pulumi.Output[str]
    log_file: pulumi.Output[str]

    _outputs = ("running", "started_at", "log_file")

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        command: Sequence[pulumi.Input[str]],
        workdir: pulumi.Input[str] = ".",
        environment: Mapping[str, pulumi.Input[str]] | None = None,
        secrets: Mapping[str, pulumi.Input[str]] | None = None,
        host: pulumi.Input[str] = "127.0.0.1",
        port: pulumi.Input[int] | None = None,
        labels: Mapping[str, pulumi.Input[str]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name,
            "command": command,
            "workdir": workdir,
            "environment": environment or {},
            "secrets": pulumi.Output.secret(secrets or {}),
            "host": host,
            "port": port,
            "labels": labels or {},
        }
        super().__init__("Process", resource_name, inputs, opts)


class RedisUser(_Resource):
    """One account inside a Redis; `keys` and `commands` left out give an owner's rights on the whole store."""

    user: pulumi.Output[str]
    drift: pulumi.Output[Sequence[str]]

    _outputs = ("drift", "rights")

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        port: pulumi.Input[int],
        admin_user: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        user: pulumi.Input[str],
        password: pulumi.Input[str],
        host: pulumi.Input[str] = "127.0.0.1",
        keys: Sequence[pulumi.Input[str]] | None = None,
        commands: Sequence[pulumi.Input[str]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "host": host,
            "port": port,
            "admin_user": admin_user,
            "admin_password": pulumi.Output.secret(admin_password),
            "user": user,
            "password": pulumi.Output.secret(password),
            "keys": keys,
            "commands": commands,
        }
        super().__init__("RedisUser", resource_name, inputs, opts)


class PostgresFence(_Resource):
    """A database closed to PUBLIC, and with it the databases that every server has."""

    database: pulumi.Output[str]
    drift: pulumi.Output[Sequence[str]]

    _outputs = ("drift",)

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        port: pulumi.Input[int],
        admin_user: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        database: pulumi.Input[str],
        owner: pulumi.Input[str],
        host: pulumi.Input[str] = "127.0.0.1",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "host": host,
            "port": port,
            "admin_user": admin_user,
            "admin_password": pulumi.Output.secret(admin_password),
            "database": database,
            "owner": owner,
        }
        super().__init__("PostgresFence", resource_name, inputs, opts)
