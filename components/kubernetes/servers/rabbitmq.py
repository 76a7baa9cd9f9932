"""RabbitMQ: one node whose administrator stands in its definitions; as they name a user, it makes no `guest`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

from components.kubernetes.manifest import Hidden
from components.kubernetes.servers.kind import DATA, FILES, TMP, Files, Kind
from plat.plan.model import SecretRef, Server
from providers.local import password_hashes


def _files(server: Server) -> Files:
    settings = {
        "listeners.tcp.default": f"{server.port}",
        "management.tcp.port": f"{server.extra_ports['management']}",
        "load_definitions": f"{FILES}/definitions.json",
        "disk_free_limit.absolute": "50MB",
        "vm_memory_high_watermark.absolute": "512MiB",
        "log.console": "true",
        "log.console.level": "info",
        "log.file": "false",
    }

    def definitions(values: Mapping[SecretRef, str]) -> str:
        password = values[server.admin_secret]
        # Made from the password itself, so that the same password gives the same file.
        salt = sha256(f"{server.name}:{password}".encode()).digest()[:4]
        user = {
            "name": server.admin_user,
            "password_hash": password_hashes.rabbitmq(password, salt),
            "hashing_algorithm": "rabbit_password_hashing_sha256",
            "tags": ["administrator"],
        }
        return json.dumps({"users": [user]})

    return {
        "rabbitmq.conf": "".join(f"{name} = {value}\n" for name, value in settings.items()),
        "definitions.json": Hidden((server.admin_secret,), definitions),
        "enabled_plugins": "[rabbitmq_management].\n",
        "rabbitmq-env.conf": "",
        "advanced.config": "[].\n",
    }


def _environment(server: Server) -> Mapping[str, str]:
    return {
        # Debian's wrapper runs as nobody else than its own users; the programs behind it do.
        "PATH": "/usr/lib/rabbitmq/bin:/opt/rabbitmq/sbin:/opt/erlang/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": f"{DATA}/rabbitmq",
        # A name that does not change with the pod's address, and leads to the pod alone.
        "RABBITMQ_NODENAME": "rabbit@localhost",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": f"{server.extra_ports['distribution']}",
        "RABBITMQ_MNESIA_BASE": f"{DATA}/rabbitmq/mnesia",
        "RABBITMQ_LOG_BASE": TMP,
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_CONF_ENV_FILE": f"{FILES}/rabbitmq-env.conf",
        "RABBITMQ_CONFIG_FILE": f"{FILES}/rabbitmq.conf",
        "RABBITMQ_ADVANCED_CONFIG_FILE": f"{FILES}/advanced.config",
        "RABBITMQ_ENABLED_PLUGINS_FILE": f"{FILES}/enabled_plugins",
        "RABBITMQ_GENERATED_CONFIG_DIR": TMP,
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }


def _prepare(server: Server) -> str:  # noqa: ARG001 - every kind has one signature
    return f"""\
set -eu
umask 077
mkdir -p {DATA}/rabbitmq/mnesia
cookie={DATA}/rabbitmq/.erlang.cookie
if [ ! -s $cookie ]; then
    head -c 32 /dev/urandom | sha256sum | cut -c 1-40 > $cookie.new
    mv $cookie.new $cookie
fi
chmod 400 $cookie
"""


KIND = Kind(
    prepare=_prepare,
    command=lambda _server: ["rabbitmq-server"],
    memory=1024,
    files=_files,
    environment=_environment,
    # It opens this port last, and nothing inside of it can be made before.
    asks=lambda _server: {"httpGet": {"path": "/", "port": "management"}},
)
