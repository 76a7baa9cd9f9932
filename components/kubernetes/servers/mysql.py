"""MariaDB, for stores of type mysql: one account of the administrator's, and none that comes with the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.kubernetes.manifest import Hidden
from components.kubernetes.servers.kind import DATA, FILES, TMP, Files, Kind, Probe, succeeds
from plat.plan.model import SecretRef, Server
from providers.local import password_hashes

_TABLES = f"{DATA}/mariadb"
_HASTY = ("--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=OFF")
_OWN = (
    "--no-defaults",
    "--innodb-log-file-size=16M",
    "--innodb-buffer-pool-size=32M",
    f"--tmpdir={TMP}",
    "--skip-name-resolve",
    "--skip-symbolic-links",
    "--local-infile=OFF",
    "--performance-schema=OFF",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
)


def _files(server: Server) -> Files:
    def render(values: Mapping[SecretRef, str]) -> str:
        account, known = f"`{server.admin_user}`@`%`", password_hashes.mysql(values[server.admin_secret])
        statements = (
            "FLUSH PRIVILEGES",
            f"CREATE OR REPLACE USER {account} IDENTIFIED VIA mysql_native_password USING '{known}'",
            f"GRANT ALL PRIVILEGES ON *.* TO {account} WITH GRANT OPTION",
            "DELETE FROM mysql.global_priv WHERE User IN ('', 'root', 'mysql')",
            "DELETE FROM mysql.proxies_priv",
        )
        return "".join(f"{statement};\n" for statement in statements)

    # A line is a statement, for a server that nobody can reach.
    return {"accounts.sql": Hidden((server.admin_secret,), render)}


def _prepare(server: Server) -> str:  # noqa: ARG001 - every kind has one signature
    return f"""\
set -eu
if [ ! -d {_TABLES}/mysql ]; then
    rm -rf {_TABLES}.new
    mariadb-install-db {" ".join(_OWN)} --datadir={_TABLES}.new --cross-bootstrap --skip-test-db \\
        --auth-root-authentication-method=normal
    mv {_TABLES}.new {_TABLES}
fi
mariadbd {" ".join(_OWN)} --datadir={_TABLES} --bootstrap < {FILES}/accounts.sql
"""


def _command(server: Server) -> Sequence[str]:
    return [
        *("mariadbd", *_OWN, f"--datadir={_TABLES}", f"--socket={TMP}/mariadb.sock", f"--pid-file={TMP}/mariadb.pid"),
        *("--bind-address=0.0.0.0", f"--port={server.port}", "--loose-unix-socket=OFF"),
        *(_HASTY if server.durability == "ephemeral" else ()),
    ]


def _asks(server: Server) -> Probe:
    # It answers whoever it does not know as well: that it does not know them.
    return succeeds("mariadb-admin", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1", f"--port={server.port}", "ping")


KIND = Kind(prepare=_prepare, command=_command, memory=512, files=_files, asks=_asks)
