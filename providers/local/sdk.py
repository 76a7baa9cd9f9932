"""The local target's resources for Pulumi programs. What each property means stands in `providers.local.inputs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from providers.common.sdk import PlainResource


class Provider(pulumi.ProviderResource):
    """The provider for the servers of one runtime: `stack` is `<landscape>.<environment>`."""

    def __init__(self, resource_name: str, *, stack: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platlocal", resource_name, {"stack": stack}, opts)


class _Resource(PlainResource):
    package = "platlocal"


class Server(_Resource):
    """A server of one of the kinds that there are, with a data directory and an administrator of its own."""

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
            "extraPorts": extra_ports or None,
            "durability": durability,
            "adminUser": admin_user,
            "adminPassword": pulumi.Output.secret(admin_password),
            "labels": labels or {},
            "settings": settings or {},
        }
        super().__init__(
            resource_name, inputs, ("running", "startedAt", "restartedAt", "serverVersion", "dataDirectory"), opts
        )

    @property
    def name(self) -> pulumi.Output[str]:
        """Its name in the runtime."""
        found: pulumi.Output[str] = self._output("name")
        return found

    @property
    def host(self) -> pulumi.Output[str]:
        """Where it listens."""
        found: pulumi.Output[str] = self._output("host")
        return found

    @property
    def port(self) -> pulumi.Output[int]:
        """Where it listens."""
        found: pulumi.Output[int] = self._output("port")
        return found

    @property
    def admin_user(self) -> pulumi.Output[str]:
        """Its administrator."""
        found: pulumi.Output[str] = self._output("adminUser")
        return found

    @property
    def admin_password(self) -> pulumi.Output[str]:
        """Its administrator's password; secret."""
        found: pulumi.Output[str] = self._output("adminPassword")
        return found

    @property
    def running(self) -> pulumi.Output[bool]:
        """Whether it runs and answers."""
        found: pulumi.Output[bool] = self._output("running")
        return found

    @property
    def started_at(self) -> pulumi.Output[str]:
        """When it started, in ISO 8601."""
        found: pulumi.Output[str] = self._output("startedAt")
        return found

    @property
    def server_version(self) -> pulumi.Output[str]:
        """The version that it says it is."""
        found: pulumi.Output[str] = self._output("serverVersion")
        return found

    @property
    def data_directory(self) -> pulumi.Output[str]:
        """Where its data lies, relative to the runtime."""
        found: pulumi.Output[str] = self._output("dataDirectory")
        return found


class Process(_Resource):
    """A deployable as a process, with exactly the variables given here."""

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
        super().__init__(resource_name, inputs, ("running", "startedAt", "restartedAt", "logFile"), opts)

    @property
    def name(self) -> pulumi.Output[str]:
        """Its name in the runtime."""
        found: pulumi.Output[str] = self._output("name")
        return found

    @property
    def running(self) -> pulumi.Output[bool]:
        """Whether it runs."""
        found: pulumi.Output[bool] = self._output("running")
        return found

    @property
    def started_at(self) -> pulumi.Output[str]:
        """When it started, in ISO 8601."""
        found: pulumi.Output[str] = self._output("startedAt")
        return found

    @property
    def log_file(self) -> pulumi.Output[str]:
        """Its log, relative to the runtime."""
        found: pulumi.Output[str] = self._output("logFile")
        return found


class RedisUser(_Resource):
    """One account inside a Redis; `keys` and `commands` left out give an owner's rights on the whole store."""

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
            "adminUser": admin_user,
            "adminPassword": pulumi.Output.secret(admin_password),
            "user": user,
            "password": pulumi.Output.secret(password),
            "keys": keys,
            "commands": commands,
        }
        super().__init__(resource_name, inputs, ("drift", "rights"), opts)

    @property
    def user(self) -> pulumi.Output[str]:
        """The account's name."""
        found: pulumi.Output[str] = self._output("user")
        return found

    @property
    def drift(self) -> pulumi.Output[Sequence[str]]:
        """In what it differs from what is declared."""
        found: pulumi.Output[Sequence[str]] = self._output("drift")
        return found


class PostgresFence(_Resource):
    """A database closed to PUBLIC, and with it the databases that every server has."""

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        port: pulumi.Input[int],
        admin_user: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        database: pulumi.Input[str],
        owner: pulumi.Input[str] | None = None,
        server: pulumi.Input[str] | None = None,
        host: pulumi.Input[str] = "127.0.0.1",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "server": server,
            "host": host,
            "port": port,
            "adminUser": admin_user,
            "adminPassword": pulumi.Output.secret(admin_password),
            "database": database,
            "owner": owner,
        }
        super().__init__(resource_name, inputs, ("drift",), opts)

    @property
    def database(self) -> pulumi.Output[str]:
        """The database that is fenced."""
        found: pulumi.Output[str] = self._output("database")
        return found

    @property
    def drift(self) -> pulumi.Output[Sequence[str]]:
        """The holes in the fence."""
        found: pulumi.Output[Sequence[str]] = self._output("drift")
        return found


class PostgresSchema(_Resource):
    """A schema of a shared database for one role; what is in it outlives the resource."""

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        port: pulumi.Input[int],
        admin_user: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        database: pulumi.Input[str],
        name: pulumi.Input[str],
        role: pulumi.Input[str],
        server: pulumi.Input[str] | None = None,
        host: pulumi.Input[str] = "127.0.0.1",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "server": server,
            "host": host,
            "port": port,
            "adminUser": admin_user,
            "adminPassword": pulumi.Output.secret(admin_password),
            "database": database,
            "name": name,
            "role": role,
        }
        super().__init__(resource_name, inputs, ("drift",), opts)

    @property
    def drift(self) -> pulumi.Output[Sequence[str]]:
        """In what rights differ from what is declared."""
        found: pulumi.Output[Sequence[str]] = self._output("drift")
        return found


class MongoDBUser(_Resource):
    """One account inside a MongoDB, in the one database that it reaches."""

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        port: pulumi.Input[int],
        admin_user: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        user: pulumi.Input[str],
        password: pulumi.Input[str],
        database: pulumi.Input[str],
        host: pulumi.Input[str] = "127.0.0.1",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "host": host,
            "port": port,
            "adminUser": admin_user,
            "adminPassword": pulumi.Output.secret(admin_password),
            "user": user,
            "password": pulumi.Output.secret(password),
            "database": database,
        }
        super().__init__(resource_name, inputs, ("drift",), opts)

    @property
    def user(self) -> pulumi.Output[str]:
        """The account's name."""
        found: pulumi.Output[str] = self._output("user")
        return found

    @property
    def drift(self) -> pulumi.Output[Sequence[str]]:
        """In what it differs from what is declared."""
        found: pulumi.Output[Sequence[str]] = self._output("drift")
        return found


class MySQLDatabase(_Resource):
    """A database inside a MariaDB, closed to everybody."""

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        port: pulumi.Input[int],
        admin_user: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        database: pulumi.Input[str],
        host: pulumi.Input[str] = "127.0.0.1",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "host": host,
            "port": port,
            "adminUser": admin_user,
            "adminPassword": pulumi.Output.secret(admin_password),
            "database": database,
        }
        super().__init__(resource_name, inputs, ("drift",), opts)

    @property
    def database(self) -> pulumi.Output[str]:
        """Its name."""
        found: pulumi.Output[str] = self._output("database")
        return found

    @property
    def drift(self) -> pulumi.Output[Sequence[str]]:
        """What of it is missing or open."""
        found: pulumi.Output[Sequence[str]] = self._output("drift")
        return found


class MySQLUser(_Resource):
    """One account inside a MariaDB, with all rights on one database and no others."""

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        port: pulumi.Input[int],
        admin_user: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        user: pulumi.Input[str],
        password: pulumi.Input[str],
        database: pulumi.Input[str],
        host: pulumi.Input[str] = "127.0.0.1",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "host": host,
            "port": port,
            "adminUser": admin_user,
            "adminPassword": pulumi.Output.secret(admin_password),
            "user": user,
            "password": pulumi.Output.secret(password),
            "database": database,
        }
        super().__init__(resource_name, inputs, ("drift", "rights"), opts)

    @property
    def user(self) -> pulumi.Output[str]:
        """The account's name."""
        found: pulumi.Output[str] = self._output("user")
        return found

    @property
    def drift(self) -> pulumi.Output[Sequence[str]]:
        """In what it differs from what is declared."""
        found: pulumi.Output[Sequence[str]] = self._output("drift")
        return found


class Outbox(_Resource):
    """The table in which a context writes events in one transaction with its data; it outlives the resource."""

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        kind: pulumi.Input[str],
        port: pulumi.Input[int],
        admin_user: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        database: pulumi.Input[str],
        owner: pulumi.Input[str],
        table_schema: pulumi.Input[str] | None = None,
        host: pulumi.Input[str] = "127.0.0.1",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "kind": kind,
            "host": host,
            "port": port,
            "adminUser": admin_user,
            "adminPassword": pulumi.Output.secret(admin_password),
            "database": database,
            "tableSchema": table_schema,
            "owner": owner,
        }
        super().__init__(resource_name, inputs, ("drift",), opts)

    @property
    def drift(self) -> pulumi.Output[Sequence[str]]:
        """What of it is missing."""
        found: pulumi.Output[Sequence[str]] = self._output("drift")
        return found


class PostgresContract(_Resource):
    """Views that one role publishes, and another that may read them alone until a day; the views outlive the resource."""

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        port: pulumi.Input[int],
        admin_user: pulumi.Input[str],
        admin_password: pulumi.Input[str],
        database: pulumi.Input[str],
        name: pulumi.Input[str],
        owner: pulumi.Input[str],
        reader: pulumi.Input[str],
        password: pulumi.Input[str],
        expires: pulumi.Input[str],
        views: Sequence[Mapping[str, Any]],
        host: pulumi.Input[str] = "127.0.0.1",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "host": host,
            "port": port,
            "adminUser": admin_user,
            "adminPassword": pulumi.Output.secret(admin_password),
            "database": database,
            "name": name,
            "owner": owner,
            "reader": reader,
            "password": pulumi.Output.secret(password),
            "expires": expires,
            "views": views,
        }
        super().__init__(resource_name, inputs, ("drift",), opts)

    @property
    def drift(self) -> pulumi.Output[Sequence[str]]:
        """In what views and rights differ from what was agreed."""
        found: pulumi.Output[Sequence[str]] = self._output("drift")
        return found
