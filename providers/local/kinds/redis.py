"""Redis (https://redis.io/docs/latest/operate/oss_and_stack/management/): accounts in an ACL file, nobody by default."""

from __future__ import annotations

from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from providers.local import binaries, files, password_hashes
from providers.local.accounts import BASIC_ENVIRONMENT
from providers.local.binaries import Installation
from providers.local.inputs import ServerInputs
from providers.local.kinds.base import Answer, Ping, Place, require_settings
from providers.local.spec import Spec

_RESERVED = frozenset(
    {
        "bind",
        "port",
        "unixsocket",
        "unixsocketperm",
        "protected-mode",
        "daemonize",
        "dir",
        "dbfilename",
        "aclfile",
        "requirepass",
        "user",
        "include",
        "loadmodule",
        "logfile",
        "pidfile",
        "tls-port",
        "replicaof",
        "slaveof",
        "masterauth",
        "rename-command",
        "enable-debug-command",
        "enable-module-command",
        "enable-protected-configs",
        "supervised",
        "syslog-enabled",
        "acllog-max-len",
    }
)


class Redis:
    """A Redis server."""

    def check(self, place: Place) -> None:
        """Raise LocalProblem for a setting that is Plat's to decide, and where no usable version is there."""
        require_settings(place.inputs, r"[a-z][a-z0-9-]*", _RESERVED)
        _chosen(place)

    def prepare(self, place: Place) -> None:
        """Make data directory and configuration."""
        installation, wanted = _chosen(place), place.inputs.version
        if wanted and binaries.major(wanted) != installation.major:
            place.warn(
                f"Redis {wanted} is not installed: {place.inputs.name} runs {installation.version}, the nearest there is"
            )
        place.make_folders()
        place.write(_acl_file(place), with_administrator(files.read(_acl_file(place)) or "", place.inputs))
        place.configure({"redis.conf": _configuration(place)})

    def specs(self, place: Place) -> tuple[Spec, ...]:
        """Return the server's programs."""
        inputs = place.inputs
        return (
            Spec(
                name=inputs.name,
                owner=inputs.name,
                kind="redis",
                order=10,
                command=(str(_chosen(place).program), str(place.config / "redis.conf")),
                environment=BASIC_ENVIRONMENT,
                workdir=str(place.data),
                host=inputs.host,
                port=inputs.port,
                stop_seconds=60,
                labels=inputs.labels,
            ),
        )

    def listeners(self, inputs: ServerInputs) -> tuple[tuple[str, str, int], ...]:
        """Return who listens where."""
        return ((inputs.name, inputs.name, inputs.port),)

    def ping(self, inputs: ServerInputs) -> Ping:
        """Visit the server."""
        try:
            with connect(inputs.host, inputs.port, inputs.admin_user, inputs.admin_password) as client:
                return Ping(Answer.READY, str(client.info("server")["redis_version"]))
        except redis.AuthenticationError as error:
            return Ping(Answer.REFUSED, str(error))
        except redis.RedisError as error:
            return Ping(Answer.NOT_YET, str(error))

    def change_password(self, inputs: ServerInputs, old: str) -> None:
        """Do nothing: the ACL file, which `prepare` has written, is what a restarted server goes by."""

    def reset_password(self, place: Place) -> None:
        """Do nothing: the ACL file, which `prepare` has written, is what a restarted server goes by."""


def connect(host: str, port: int, user: str, password: str, timeout: float = 10) -> redis.Redis:
    """Return a client that logs in with its first command and gives up after `timeout` seconds."""
    return redis.Redis(
        host=host,
        port=port,
        username=user,
        password=password,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        decode_responses=True,
        # Asked again by whoever waits; by default the client itself would, for seconds.
        retry=Retry(NoBackoff(), 0),
    )


def with_administrator(accounts: str, inputs: ServerInputs) -> str:
    """Return the ACL file `accounts` with the administrator of `inputs` and without a default account.

    Other lines stay: they are accounts that were made in the running server.
    """
    own = {
        "default": "user default off resetpass resetkeys resetchannels -@all",
        inputs.admin_user: f"user {inputs.admin_user} on #{password_hashes.redis(inputs.admin_password)} ~* &* +@all",
    }
    others = [line for line in accounts.splitlines() if line.strip() and line.split()[1:2] not in [[name] for name in own]]
    kept = [line for line in accounts.splitlines() if line.split()[1:2] == [inputs.admin_user]]
    # Redis rewrites the file in its own words: what already means the same is no reason for a restart.
    if len(kept) == 1 and _means_administrator(kept[0], inputs) and "user default off" in accounts:
        return accounts
    return "".join(f"{line}\n" for line in (*own.values(), *others))


def _means_administrator(line: str, inputs: ServerInputs) -> bool:
    words = set(line.split())
    return {"on", f"#{password_hashes.redis(inputs.admin_password)}", "~*", "&*", "+@all"} <= words and "nopass" not in words


def _chosen(place: Place) -> Installation:
    return binaries.nearest(binaries.redis(place.account), place.inputs.version)


def _acl_file(place: Place) -> Path:
    return place.data / "users.acl"


def _configuration(place: Place) -> str:
    inputs = place.inputs
    persistent = inputs.durability == "persistent"
    settings = {
        "bind": inputs.host,
        "port": str(inputs.port),
        "protected-mode": "yes",
        "daemonize": "no",
        "dir": _quoted(str(place.data)),
        "aclfile": _quoted(str(_acl_file(place))),
        "appendonly": "yes" if persistent else "no",
        "appendfsync": "everysec",
        "save": "900 1 300 10 60 10000" if persistent else '""',
        **{name: _quoted(value) if " " not in value else value for name, value in inputs.settings.items()},
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
