"""MongoDB's protocol, spoken by FerretDB on SQLite with a guard of our own before it (toolchain/go/ferretdb).

The program comes from a folder that the set-up names in PLAT_MONGODB_BIN or in `.plat/toolchain.json`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from providers.local import files, password_hashes, provided
from providers.local.accounts import BASIC_ENVIRONMENT
from providers.local.binaries import major
from providers.local.errors import NotInstalled, Unusable
from providers.local.inputs import ServerInputs
from providers.local.kinds.base import Answer, Ping, Place
from providers.local.spec import Spec

ACCOUNTS = "admin"
"""The database that keeps all accounts, and in which the administrator's own is."""

BIN_VARIABLE = "PLAT_MONGODB_BIN"
"""Names the folder with the server's program."""

_PROGRAM = "plat-ferretdb"
_SPOKEN = 7
"""The major version of MongoDB whose protocol FerretDB 1.24 speaks."""

Client = MongoClient[dict[str, Any]]


class MongoDB:
    """A FerretDB."""

    def check(self, place: Place) -> None:
        """Raise LocalProblem for any setting, since there are none, and where the program is not there."""
        if place.inputs.settings:
            msg = f"{place.inputs.name} takes no settings: leave `settings` out"
            raise Unusable(msg)
        _program(place)

    def prepare(self, place: Place) -> None:
        """Make data directory and the administrator's verifier; the server reads that as it starts."""
        wanted = place.inputs.version
        if wanted and major(wanted) != _SPOKEN:
            place.warn(
                f"MongoDB {wanted} is not installed: {place.inputs.name} runs FerretDB, which speaks the protocol of {_SPOKEN}"
            )
        place.make_folders()
        files.make_folder(_databases(place), 0o700, place.account)
        password = place.inputs.admin_password
        # Each verifier has another salt: one that is good already is no reason for a restart.
        if not password_hashes.is_scram_of(password, files.read(_verifier(place)) or ""):
            place.write(_verifier(place), password_hashes.scram(password))

    def specs(self, place: Place) -> tuple[Spec, ...]:
        """Return the server's programs."""
        inputs = place.inputs
        return (
            Spec(
                name=inputs.name,
                owner=inputs.name,
                kind="mongodb",
                order=10,
                command=tuple(_command(place)),
                environment=BASIC_ENVIRONMENT,
                workdir=str(place.data),
                host=inputs.host,
                port=inputs.port,
                stop_seconds=30,
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
                return Ping(Answer.READY, str(client[ACCOUNTS].command("buildInfo")["version"]))
        except OperationFailure as error:
            return Ping(Answer.REFUSED, words(error))
        except PyMongoError as error:
            return Ping(Answer.NOT_YET, words(error))

    def change_password(self, inputs: ServerInputs, old: str) -> None:
        """Do nothing: the verifier, which `prepare` has written, is what a restarted server goes by."""

    def reset_password(self, place: Place) -> None:
        """Do nothing: the verifier, which `prepare` has written, is what a restarted server goes by."""


@contextmanager
def connect(host: str, port: int, user: str, password: str, timeout: float = 10) -> Iterator[Client]:
    """Give a client that logs in as an administrator with its first command, and gives up after `timeout` seconds."""
    milliseconds = int(timeout * 1000)
    client: Client = MongoClient(
        host,
        port,
        username=user,
        password=password,
        authSource=ACCOUNTS,
        authMechanism="SCRAM-SHA-256",
        directConnection=True,
        serverSelectionTimeoutMS=milliseconds,
        connectTimeoutMS=milliseconds,
        socketTimeoutMS=milliseconds,
    )
    with client:
        yield client


def words(error: PyMongoError) -> str:
    """Return what `error` says, without the answer that the client puts behind it."""
    return str(error).partition(", full error:")[0].partition(", Timeout:")[0]


def _program(place: Place) -> Path:
    """Return the server's program. Raises NotInstalled."""
    folder = provided.folder(BIN_VARIABLE, place.toolchain)
    if not folder or not (folder / _PROGRAM).exists():
        raise NotInstalled(_PROGRAM, "", [str(folder)] if folder else [])
    return folder / _PROGRAM


def _command(place: Place) -> list[str]:
    inputs = place.inputs
    command = [str(_program(place)), "-listen", f"{inputs.host}:{inputs.port}", "-data", str(_databases(place))]
    command += ["-administrator", inputs.admin_user, "-verifier", str(_verifier(place))]
    return [*command, "-hasty"] if inputs.durability == "ephemeral" else command


def _databases(place: Place) -> Path:
    return place.data / "databases"


def _verifier(place: Place) -> Path:
    return place.config / "administrator.scram"
