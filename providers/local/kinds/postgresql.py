"""PostgreSQL (https://www.postgresql.org/docs/16/): one cluster per server, passwords everywhere, loopback only."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from providers.local import binaries, files, password_hashes
from providers.local.accounts import BASIC_ENVIRONMENT
from providers.local.binaries import Installation
from providers.local.errors import NotInstalled, OtherMajor, Unusable
from providers.local.inputs import ServerInputs
from providers.local.kinds.base import Answer, Ping, Place, failure, require_settings
from providers.local.spec import Spec

_RESERVED = frozenset(
    {
        "listen_addresses",
        "port",
        "unix_socket_directories",
        "hba_file",
        "ident_file",
        "config_file",
        "data_directory",
        "external_pid_file",
        "password_encryption",
        "include",
        "include_dir",
        "include_if_exists",
        "shared_preload_libraries",
        "session_preload_libraries",
        "local_preload_libraries",
        "dynamic_library_path",
        "archive_command",
        "archive_library",
        "restore_command",
        "ssl",
        "logging_collector",
        "log_min_error_statement",
        "log_statement",
    }
)

_REFUSALS = ("password authentication failed", "does not exist", "is not permitted to log in")


class PostgreSQL:
    """A PostgreSQL cluster."""

    def check(self, place: Place) -> None:
        """Raise LocalProblem for a setting that is Plat's to decide, and where no usable version is there."""
        require_settings(place.inputs, r"[a-z_][a-z0-9_.]*", _RESERVED)
        _chosen(place)

    def prepare(self, place: Place) -> None:
        """Make data directory and configuration."""
        installation = _chosen(place)
        wanted = place.inputs.version
        if wanted and binaries.major(wanted) != installation.major:
            place.warn(
                f"PostgreSQL {wanted} is not installed: {place.inputs.name} runs {installation.version}, the nearest there is"
            )
        place.make_folders()
        if not _cluster(place).exists():
            place.make_whole(_cluster(place), lambda making: _make_cluster(place, installation, making))
        place.configure(_configuration(place))

    def specs(self, place: Place) -> tuple[Spec, ...]:
        """Return the server's programs."""
        inputs = place.inputs
        return (
            Spec(
                name=inputs.name,
                owner=inputs.name,
                kind="postgresql",
                order=10,
                command=tuple(_command(place, _chosen(place))),
                environment=BASIC_ENVIRONMENT,
                workdir=str(place.data),
                host=inputs.host,
                port=inputs.port,
                stop_signal="INT",
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
            with _connect(inputs, inputs.admin_password) as connection:
                row = connection.execute("SHOW server_version").fetchone()
        except psycopg.Error as error:
            words = str(error).strip()
            refused = any(text in words for text in _REFUSALS)
            return Ping(Answer.REFUSED if refused else Answer.NOT_YET, words)
        return Ping(Answer.READY, str(row[0]).partition(" ")[0] if row else "")

    def change_password(self, inputs: ServerInputs, old: str) -> None:
        """Set the new password by the old one; where that fails, `reset_password` needs none."""
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
            sql.Identifier(inputs.admin_user), sql.Literal(password_hashes.scram(inputs.admin_password))
        )
        try:
            with _connect(inputs, old) as connection:
                connection.execute(statement)
        except psycopg.Error:
            # The password is not what was thought: `reset_password` needs none.
            return

    def reset_password(self, place: Place) -> None:
        """Set the password in single-user mode."""
        role, word = place.inputs.admin_user, password_hashes.scram(place.inputs.admin_password)
        # In single-user mode a line is a statement, and one that fails does not stop the next.
        statements = f'CREATE ROLE "{role}";\nALTER ROLE "{role}" SUPERUSER LOGIN PASSWORD \'{word}\';\n'
        program, *arguments = _command(place, _chosen(place))
        done = place.account.run([program, "--single", *arguments, "postgres"], cwd=Path("/"), given=statements)
        if done.returncode:
            raise failure(place, "the administrator's password cannot be set", done.stdout)


def _connect(inputs: ServerInputs, password: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=inputs.host,
        port=inputs.port,
        user=inputs.admin_user,
        password=password,
        dbname="postgres",
        connect_timeout=10,
        autocommit=True,
        sslmode="disable",
        gssencmode="disable",
    )


def _cluster(place: Place) -> Path:
    return place.data / "cluster"


def _chosen(place: Place) -> Installation:
    """Return the installation to run: what wrote the data, else the nearest to what is wanted. Raises LocalProblem."""
    found = binaries.postgresql(place.account)
    wanted, kept = place.inputs.version, _kept_major(place)
    if kept is None:
        return binaries.nearest(found, wanted)
    if all(item.major != kept for item in found):
        title = f"PostgreSQL {kept}, which wrote the data of {place.inputs.name},"
        raise NotInstalled(title, f"postgresql-{kept}", _places(found))
    if wanted and binaries.nearest(found, wanted).major != kept:
        raise OtherMajor(place.inputs.name, str(kept), wanted)
    return binaries.nearest(found, str(kept))


def _places(found: tuple[Installation, ...]) -> list[str]:
    return [str(item.program.parent) for item in found]


def _kept_major(place: Place) -> int | None:
    if not _cluster(place).exists():
        return None
    text = (files.read(_cluster(place) / "PG_VERSION") or "").strip()
    if not text.isdecimal():
        msg = f"{_cluster(place)} is no PostgreSQL data directory: move it away, or restore it"
        raise Unusable(msg)
    return int(text)


def _make_cluster(place: Place, installation: Installation, making: Path) -> None:
    password = place.data / f"{making.name}.password"
    files.write(password, password_hashes.scram(place.inputs.admin_password) + "\n", place.account)
    argv = [str(installation.program.with_name("initdb")), "-D", str(making), "-U", place.inputs.admin_user]
    argv += ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
    try:
        done = place.account.run(argv)
    finally:
        password.unlink(missing_ok=True)
    if done.returncode:
        raise failure(place, "its data directory cannot be made", done.stdout)


def _command(place: Place, installation: Installation) -> list[str]:
    return [str(installation.program), "-D", str(_cluster(place)), "-c", f"config_file={place.config / 'postgresql.conf'}"]


def _configuration(place: Place) -> dict[str, str]:
    inputs = place.inputs
    settings = {
        "listen_addresses": inputs.host,
        "port": str(inputs.port),
        "unix_socket_directories": "",
        "hba_file": str(place.config / "pg_hba.conf"),
        "ident_file": str(place.config / "pg_ident.conf"),
        "password_encryption": "scram-sha-256",
        "cluster_name": inputs.name[:63],
        "shared_buffers": "32MB",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        # A statement that fails may hold a password: the error is logged, the statement is not.
        "log_min_error_statement": "panic",
        "log_statement": "none",
        **(_HASTY if inputs.durability == "ephemeral" else {}),
        **inputs.settings,
    }
    lines = (f"{name} = '{_quoted(value)}'\n" for name, value in settings.items())
    access = f"host all all {inputs.host}/32 scram-sha-256\n"
    return {"postgresql.conf": "".join(lines), "pg_hba.conf": access, "pg_ident.conf": ""}


_HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
