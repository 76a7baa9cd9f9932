"""RabbitMQ (https://www.rabbitmq.com/docs/configure): a node with an epmd of its own, all of it on loopback.

The programs come from a folder with `rabbitmq-server` and `epmd`, which the set-up names in PLAT_RABBITMQ_BIN or in
`.plat/toolchain.json`.
"""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from pathlib import Path

import httpx

from providers.local import files, password_hashes, provided
from providers.local.accounts import BASIC_ENVIRONMENT
from providers.local.errors import NotInstalled, Unusable
from providers.local.inputs import ExtraPorts, ServerInputs
from providers.local.kinds.base import Answer, Ping, Place, require_settings
from providers.local.spec import Spec

BIN_VARIABLE = "PLAT_RABBITMQ_BIN"
"""Names the folder with RabbitMQ's programs."""

_RESERVED_BEGINNINGS = (
    "listeners",
    "management",
    "ssl",
    "auth",
    "load_definitions",
    "definitions",
    "default",
    "loopback",
    "log",
)


class RabbitMQ:
    """A RabbitMQ node."""

    def check(self, place: Place) -> None:
        """Raise LocalProblem for a setting that is Plat's to decide, and where no usable version is there."""
        inputs = place.inputs
        reserved = frozenset(name for name in inputs.settings if name.startswith(_RESERVED_BEGINNINGS))
        require_settings(inputs, r"[a-z][a-z0-9_.]*", reserved)
        _ports(inputs)
        if inputs.durability == "ephemeral":
            msg = f"{inputs.name}: a broker is always persistent; leave durability out"
            raise Unusable(msg)
        _programs(place)

    def prepare(self, place: Place) -> None:
        """Make data directory and configuration."""
        place.make_folders()
        cookie = place.data / ".erlang.cookie"
        if not files.read(cookie):
            files.write(cookie, secrets.token_hex(20).upper(), place.account, 0o400)
        place.configure(
            {
                "rabbitmq.conf": _configuration(place),
                "definitions.json": _definitions(place.inputs),
                "enabled_plugins": "[rabbitmq_management].\n",
                "rabbitmq-env.conf": "",
            }
        )

    def specs(self, place: Place) -> tuple[Spec, ...]:
        """Return the server's programs."""
        inputs, ports = place.inputs, _ports(place.inputs)
        server, epmd_program = _programs(place)
        epmd = Spec(
            name=_epmd(inputs),
            owner=inputs.name,
            kind="epmd",
            order=5,
            command=(str(epmd_program), "-port", str(ports.epmd), "-address", inputs.host),
            environment=BASIC_ENVIRONMENT,
            workdir=str(place.data),
            host=inputs.host,
            port=ports.epmd,
            labels=inputs.labels,
        )
        node = Spec(
            name=inputs.name,
            owner=inputs.name,
            kind="rabbitmq",
            order=10,
            command=(str(server),),
            environment=_environment(place),
            workdir=str(place.data),
            host=inputs.host,
            port=inputs.port,
            stop_seconds=90,
            labels=inputs.labels,
        )
        return epmd, node

    def listeners(self, inputs: ServerInputs) -> tuple[tuple[str, str, int], ...]:
        """Return who listens where."""
        ports, name = _ports(inputs), inputs.name
        return (
            (_epmd(inputs), f"{name}/epmd", ports.epmd),
            (name, name, inputs.port),
            (name, f"{name}/management", ports.management),
            (name, f"{name}/distribution", ports.distribution),
        )

    def ping(self, inputs: ServerInputs) -> Ping:
        """Visit the server."""
        url = f"http://{inputs.host}:{_ports(inputs).management}/api/overview"
        try:
            # trust_env off: a proxy of the user's has no business here.
            response = httpx.get(url, auth=(inputs.admin_user, inputs.admin_password), timeout=10, trust_env=False)
        except httpx.HTTPError as error:
            return Ping(Answer.NOT_YET, str(error))
        # 401 too: the interface may be up before the definitions have been loaded.
        if not response.is_success:
            return Ping(Answer.NOT_YET, f"HTTP {response.status_code}")
        overview = response.json()
        listening = {item["port"] for item in overview.get("listeners", ()) if item["protocol"] == "amqp"}
        if inputs.port not in listening:
            return Ping(Answer.NOT_YET, f"nothing listens on port {inputs.port} yet")
        return Ping(Answer.READY, str(overview["rabbitmq_version"]))

    def change_password(self, inputs: ServerInputs, old: str) -> None:
        """Do nothing: a node reads its administrator from its definitions, which `prepare` has written, as it starts."""

    def reset_password(self, place: Place) -> None:
        """Do nothing: a node reads its administrator from its definitions, which `prepare` has written, as it starts."""


def _programs(place: Place) -> tuple[Path, Path]:
    """Return `rabbitmq-server` and `epmd`. Raises NotInstalled."""
    folder = provided.folder(BIN_VARIABLE, place.toolchain) or Path("/usr/lib/rabbitmq/bin")
    for epmd in (folder / "epmd", Path("/usr/bin/epmd")):
        if (folder / "rabbitmq-server").exists() and epmd.exists():
            return folder / "rabbitmq-server", epmd
    raise NotInstalled("RabbitMQ", "rabbitmq-server", [str(folder)])


def _ports(inputs: ServerInputs) -> ExtraPorts:
    if not isinstance(inputs.extra_ports, ExtraPorts):
        msg = f"{inputs.name} needs extraPorts: management, epmd and distribution"
        raise Unusable(msg)
    return inputs.extra_ports


def _epmd(inputs: ServerInputs) -> str:
    return f"{inputs.name}.epmd"


def _environment(place: Place) -> dict[str, str]:
    inputs, ports = place.inputs, _ports(place.inputs)
    address = "{" + inputs.host.replace(".", ",") + "}"
    return {
        **BASIC_ENVIRONMENT,
        "HOME": str(place.data),
        "ERL_EPMD_ADDRESS": inputs.host,
        "ERL_EPMD_PORT": str(ports.epmd),
        # Runs the virtual machine in the shell's place, which as a parent would keep signals from it.
        "RUNNING_UNDER_SYSTEMD": "true",
        "RABBITMQ_NODENAME": f"{inputs.name}@localhost",
        "RABBITMQ_DIST_PORT": str(ports.distribution),
        "RABBITMQ_MNESIA_BASE": str(place.data / "mnesia"),
        "RABBITMQ_LOG_BASE": str(place.data / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_CONF_ENV_FILE": str(place.config / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(place.config / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(place.config / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(place.config / "enabled_plugins"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(place.data / "generated"),
        # Neither reached from outside, nor starting an epmd that would linger.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (f"-kernel inet_dist_use_interface {address} -start_epmd false"),
    }


def _configuration(place: Place) -> str:
    inputs = place.inputs
    settings = {
        "listeners.tcp.local": f"{inputs.host}:{inputs.port}",
        "management.tcp.ip": inputs.host,
        "management.tcp.port": str(_ports(inputs).management),
        "load_definitions": str(place.config / "definitions.json"),
        "disk_free_limit.absolute": "50MB",
        "log.console": "true",
        "log.console.level": "info",
        "log.file": "false",
        **inputs.settings,
    }
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


def _definitions(inputs: ServerInputs) -> str:
    """Return the definitions that a node loads as it starts; as they name users, it makes no `guest` (3.10 and later)."""
    # Made from the password itself, so that the same password gives the same file and no restart.
    salt = sha256(f"{inputs.name}:{inputs.admin_password}".encode()).digest()[:4]
    user = {
        "name": inputs.admin_user,
        "password_hash": password_hashes.rabbitmq(inputs.admin_password, salt),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": ["administrator"],
    }
    return json.dumps({"users": [user]}, indent=1)
