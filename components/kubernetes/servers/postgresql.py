"""PostgreSQL: nobody comes in without a password, not even through a socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from components.kubernetes.manifest import Hidden
from components.kubernetes.servers.kind import DATA, FILES, PASSWORD, TMP, Files, Kind, succeeds
from plat.plan.model import SecretRef, Server
from providers.local import password_hashes

_TABLES = f"{DATA}/postgresql"
_HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _files(server: Server) -> Files:
    def statement(values: Mapping[SecretRef, str]) -> str:
        password = values[server.admin_secret]
        # Made from the password itself, so that the same password gives the same file.
        known = password_hashes.scram(password, sha256(f"{server.name}:{password}".encode()).digest()[:16])
        return f"ALTER ROLE {server.admin_user} PASSWORD '{known}';\n"

    return {
        "pg_hba.conf": "local all all scram-sha-256\nhost all all all scram-sha-256\n",
        "administrator.sql": Hidden((server.admin_secret,), statement),
    }


def _prepare(server: Server) -> str:
    # Made beside its place and renamed when it is whole, so that a killed pod leaves none half.
    return f"""\
set -eu
if [ ! -s {_TABLES}/PG_VERSION ]; then
    rm -rf {_TABLES}.new
    initdb --pgdata={_TABLES}.new --username={server.admin_user} --pwfile={FILES}/{PASSWORD} --encoding=UTF8 \\
        --locale=C.UTF-8 --auth=scram-sha-256 --no-instructions
    mv {_TABLES}.new {_TABLES}
fi
# A volume that was kept knows the password of before. Nobody listens meanwhile; a line is a statement.
postgres --single -D {_TABLES} postgres < {FILES}/administrator.sql > /dev/null
"""


def _command(server: Server) -> Sequence[str]:
    settings = {
        "listen_addresses": "*",
        "port": f"{server.port}",
        "unix_socket_directories": TMP,
        "password_encryption": "scram-sha-256",
        "hba_file": f"{FILES}/pg_hba.conf",
        "shared_buffers": "64MB",
        **(_HASTY if server.durability == "ephemeral" else {}),
    }
    return ["postgres", "-D", _TABLES, *(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))]


KIND = Kind(
    prepare=_prepare,
    command=_command,
    memory=512,
    files=_files,
    asks=lambda server: succeeds("pg_isready", "-q", "-h", "127.0.0.1", "-p", f"{server.port}"),
)
