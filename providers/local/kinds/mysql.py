"""MariaDB (https://mariadb.com/kb/en/server-system-variables/), for stores of type `mysql`: accounts by password alone.

There is no socket and no account but the administrator's and those that are made for contexts. The programs come from a
folder with `mariadbd` and `mariadb-install-db`, which the set-up names in PLAT_MYSQL_BIN or in `.plat/toolchain.json`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CR, ER
from pymysql.converters import escape_string
from pymysql.cursors import Cursor

from plat.address import is_loopback
from providers.local import binaries, files, password_hashes, provided
from providers.local.accounts import BASIC_ENVIRONMENT
from providers.local.binaries import Installation
from providers.local.errors import NotInstalled, Unusable
from providers.local.inputs import ServerInputs
from providers.local.kinds.base import Answer, Ping, Place, failure, require_settings
from providers.local.spec import Spec

BIN_VARIABLE = "PLAT_MYSQL_BIN"
"""Names the folder with MariaDB's programs."""

FROM = "127.0.0.0/255.0.0.0"
"""The addresses that accounts log in from: loopback, as names are not resolved."""

# As the configuration writes them, `_` for `-`; a program takes any beginning that is not ambiguous.
_RESERVED = (
    "aria_log_dir_path",
    "basedir",
    "bind_address",
    "character_sets_dir",
    "chroot",
    "datadir",
    "extra_port",
    "general_log",
    "grant_tables",
    "init_connect",
    "init_file",
    "init_rpl_role",
    "init_slave",
    "innodb_data_file_path",
    "innodb_data_home_dir",
    "innodb_log_group_home_dir",
    "innodb_tmpdir",
    "innodb_undo_directory",
    "lc_messages",
    "local_infile",
    "log_basename",
    "log_bin",
    "log_error",
    "log_output",
    "log_slow_query_file",
    "name_resolve",
    "networking",
    "old_passwords",
    "pid_file",
    "plugin_dir",
    "plugin_load",
    "port",
    "proxy_protocol_networks",
    "relay_log",
    "report_",
    "secure_auth",
    "secure_file_priv",
    "slave_load_tmpdir",
    "slow_query_log",
    "socket",
    "ssl_",
    "symbolic_links",
    "tls_version",
    "tmpdir",
    "unix_socket",
    "user",
    "wsrep_",
)
_MODIFIERS = re.compile(r"^(?:loose_|skip_|disable_|enable_|maximum_)+")

_REFUSALS = {ER.ACCESS_DENIED_ERROR, ER.HOST_NOT_PRIVILEGED, 1698}  # the last one is by another plugin than a password's


class MySQL:
    """A MariaDB server."""

    def check(self, place: Place) -> None:
        """Raise LocalProblem for a setting that is Plat's to decide, and where no usable version is there."""
        reserved = frozenset(name for name in place.inputs.settings if _is_reserved(name))
        require_settings(place.inputs, r"[a-z][a-z0-9_-]*", reserved)
        installation, kept = _chosen(place), _kept_version(place)
        if kept and _series(kept) > _series(installation.version):
            msg = (
                f"{place.inputs.name} holds data of MariaDB {kept}, which {installation.version} cannot open: "
                f"install MariaDB {kept} or newer"
            )
            raise Unusable(msg)

    def prepare(self, place: Place) -> None:
        """Make data directory and configuration."""
        installation, wanted, kept = _chosen(place), place.inputs.version, _kept_version(place)
        if wanted and binaries.major(wanted) != installation.major:
            place.warn(f"mysql {wanted} is not installed: {place.inputs.name} runs MariaDB {installation.version}")
        if kept and _series(kept) < _series(installation.version):
            place.warn(
                f"{place.inputs.name} holds data of MariaDB {kept} and runs {installation.version}: `mariadb-upgrade` "
                f"brings its own tables up to date"
            )
        place.make_folders()
        files.make_folder(place.data / "tmp", 0o700, place.account)
        place.configure({"my.cnf": _configuration(place.inputs)})
        if not _tables(place).exists():
            place.make_whole(_tables(place), lambda making: _make_tables(place, installation, making))

    def specs(self, place: Place) -> tuple[Spec, ...]:
        """Return the server's programs."""
        inputs = place.inputs
        return (
            Spec(
                name=inputs.name,
                owner=inputs.name,
                kind="mysql",
                order=10,
                command=tuple(_command(place, _chosen(place))),
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
            with connect(inputs.host, inputs.port, inputs.admin_user, inputs.admin_password) as connection:
                version = _version(connection)
        except pymysql.MySQLError as error:
            return Ping(Answer.REFUSED if code_of(error) in _REFUSALS else Answer.NOT_YET, words_of(error))
        return Ping(Answer.READY, version)

    def change_password(self, inputs: ServerInputs, old: str) -> None:
        """Set the new password by the old one; where that fails, `reset_password` needs none."""
        try:
            with connect(inputs.host, inputs.port, inputs.admin_user, old) as connection, connection.cursor() as cursor:
                cursor.execute(f"ALTER USER {account(inputs.admin_user)} {identified(inputs.admin_password)}")
        except pymysql.MySQLError:
            # The password is not what was thought: `reset_password` needs none.
            return

    def reset_password(self, place: Place) -> None:
        """Set the password while the server is down, by the program that makes its own tables."""
        done = _bootstrap(place, _chosen(place), _tables(place))
        if done:
            raise failure(place, "the administrator's password cannot be set", done)


def connect(host: str, port: int, user: str, password: str, timeout: int = 10) -> Connection[Cursor]:
    """Log in; every statement counts at once, and none takes longer than `timeout` seconds. Raises pymysql.MySQLError."""
    return pymysql.connect(
        host=host,
        port=port,
        user=user,
        password=password,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=timeout,
        read_timeout=timeout,
        write_timeout=timeout,
        ssl_disabled=True,
    )


def logs_in_from(host: str) -> str:
    """The addresses that accounts of a server at `host` log in from: those of a cluster change with its pods."""
    return FROM if is_loopback(host) else "%"


def account(user: str, host: str = "") -> str:
    """The account of `user` as statements name it: MariaDB tells accounts apart by where they log in from as well.

    `host` is where the server is, loopback if nothing is said.
    """
    return f"`{user}`@`{logs_in_from(host)}`"


def identified(password: str) -> str:
    """How an account proves who it is: by `password`, of which only the hash goes to the server."""
    return f"IDENTIFIED VIA mysql_native_password USING '{escape_string(password_hashes.mysql(password))}'"


def code_of(error: pymysql.MySQLError) -> int:
    """The server's or the client's number of what went wrong; 0 where there is none."""
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def words_of(error: pymysql.MySQLError) -> str:
    """What went wrong, on one line."""
    return " ".join(str(error.args[-1] if error.args else error).split())


def is_silence(error: pymysql.MySQLError) -> bool:
    """Whether there is nobody to answer."""
    return code_of(error) in {CR.CR_CONN_HOST_ERROR, CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST}


def _version(connection: Connection[Cursor]) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        ((version,),) = cursor.fetchall()
    return str(version).partition("-")[0]


def _is_reserved(name: str) -> bool:
    plain = _MODIFIERS.sub("", name.replace("-", "_"))
    return any(plain.startswith(option) or option.startswith(plain) for option in _RESERVED)


def _chosen(place: Place) -> Installation:
    return binaries.nearest(binaries.mariadb(place.account, provided.folder(BIN_VARIABLE, place.toolchain)), None)


def _series(version: str) -> tuple[int, ...]:
    """The part of `version` that decides whether data can be opened: (10, 11)."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _kept_version(place: Place) -> str | None:
    """The version that last wrote the data; None where there are none. Raises Unusable for something else in their place."""
    if not _tables(place).exists():
        return None
    text = (files.read(_tables(place) / "mysql_upgrade_info") or "").strip().partition("-")[0]
    if not re.fullmatch(r"\d+\.\d+\.\d+", text):
        msg = f"{_tables(place)} is no MariaDB data directory: move it away, or restore it"
        raise Unusable(msg)
    return text


def _tables(place: Place) -> Path:
    return place.data / "mariadb"


def _make_tables(place: Place, installation: Installation, making: Path) -> None:
    installer = _installer(installation.program)
    # Run in the data folder, since the script splits its options at spaces and a path may hold some.
    argv = [str(installer), "--no-defaults", f"--datadir=./{making.name}", "--cross-bootstrap", "--skip-test-db"]
    argv += ["--auth-root-authentication-method=normal", *(f"--{name}={value}" for name, value in _OWN.items())]
    done = place.account.run(argv, cwd=place.data)
    said = done.stdout if done.returncode else _bootstrap(place, installation, making)
    if said:
        raise failure(place, "its data directory cannot be made", said)


def _installer(program: Path) -> Path:
    places = (program.parent, program.parent.parent / "bin")
    for installer in (place / "mariadb-install-db" for place in places):
        if installer.exists():
            return installer
    title = "MariaDB's mariadb-install-db"
    raise NotInstalled(title, "mariadb-server-core", map(str, places))


def _bootstrap(place: Place, installation: Installation, tables: Path) -> str:
    """Leave one account in `tables`, the administrator's; return what was said if that failed.

    Nobody listens meanwhile, and passwords are not asked for. A line is a statement.
    """
    administrator = account(place.inputs.admin_user)
    statements = (
        "FLUSH PRIVILEGES",
        f"CREATE OR REPLACE USER {administrator} {identified(place.inputs.admin_password)}",
        f"GRANT ALL PRIVILEGES ON *.* TO {administrator} WITH GRANT OPTION",
        "DELETE FROM mysql.global_priv WHERE User IN ('', 'root', 'mysql')",
        "DELETE FROM mysql.proxies_priv",
    )
    argv = [*_command(place, installation), f"--datadir=./{tables.name}", "--bootstrap"]
    done = place.account.run(argv, cwd=place.data, given="".join(f"{statement};\n" for statement in statements))
    return (done.stdout or "it said nothing") if done.returncode else ""


def _command(place: Place, installation: Installation) -> list[str]:
    return [str(installation.program), f"--defaults-file={place.config / 'my.cnf'}"]


_OWN = {
    "innodb-log-file-size": "16M",
    "innodb-buffer-pool-size": "32M",
    # Relative to the data directory, where the server goes before it makes a file. Never one that servers share: as it
    # starts, a server removes every temporary table that it finds there, those of another one that is being made included.
    "tmpdir": "../tmp",
}
_HASTY = {"innodb_flush_log_at_trx_commit": "0", "innodb_doublewrite": "OFF", "sync_frm": "OFF"}


def _configuration(inputs: ServerInputs) -> str:
    settings = {
        # Relative to the folder that it is started in: no quoting could carry every path.
        "datadir": "./mariadb",
        "pid-file": "mariadbd.pid",
        "bind-address": inputs.host,
        "port": str(inputs.port),
        "socket": "",
        "skip-name-resolve": "ON",
        "loose-unix-socket": "OFF",
        "local-infile": "OFF",
        "symbolic-links": "OFF",
        "performance-schema": "OFF",
        "loose-feedback": "OFF",
        "character-set-server": "utf8mb4",
        "collation-server": "utf8mb4_unicode_ci",
        "max-connections": "200",
        "table-open-cache": "400",
        **_OWN,
        **(_HASTY if inputs.durability == "ephemeral" else {}),
        **inputs.settings,
    }
    return "[mariadbd]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items())
