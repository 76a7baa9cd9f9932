"""`python -m providers.cluster DOCUMENT`: carries out the task that DOCUMENT (JSON) says, again whenever it is called again.

A file whose name ends with `.gz` is packed.

Exit codes: 0 done, 1 the server does not do it, 2 the document is none. Nothing of it is ever printed but names.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from providers.cluster import accounts, kafka, postgresql, rabbitmq
from providers.common.errors import Problem
from providers.local import (
    inputs,
    mongodb_user,
    mysql_database,
    mysql_user,
    outbox,
    postgres_contract,
    postgres_fence,
    postgres_schema,
    redis_user,
)

Document = Mapping[str, Any]
Work = Callable[[Document], None]

_PATIENCE = 120  # seconds for a server on its way up
_PAUSE = 2


def _resource(resource: Any, model: Any) -> Work:  # noqa: ANN401 - a type of resource and its inputs, which belong together
    def work(given: Document) -> None:
        # Neither this machine nor any order of things made before concerns what is inside of a server.
        resource.create(None, None, model.model_validate(given))

    return work


STEPS: Mapping[str, Work] = {
    "Kafka": kafka.apply,
    "OnlyKafka": kafka.only,
    "OnlyRabbitMQ": rabbitmq.only,
    "MongoDBUser": _resource(mongodb_user.MongoDBUser(), inputs.MongoDBUserInputs),
    "MySQLDatabase": _resource(mysql_database.MySQLDatabase(), inputs.MySQLDatabaseInputs),
    "MySQLUser": _resource(mysql_user.MySQLUser(), inputs.MySQLUserInputs),
    "OnlyAccounts": accounts.only,
    "Outbox": _resource(outbox.Outbox(), inputs.OutboxInputs),
    "PostgresContract": _resource(postgres_contract.PostgresContract(), inputs.PostgresContractInputs),
    "PostgresDatabase": postgresql.database,
    "PostgresFence": _resource(postgres_fence.PostgresFence(), inputs.PostgresFenceInputs),
    "PostgresPooler": postgresql.pooler,
    "PostgresReplica": postgresql.replica,
    "PostgresRole": postgresql.role,
    "PostgresSchema": _resource(postgres_schema.PostgresSchema(), inputs.PostgresSchemaInputs),
    "RabbitMQ": rabbitmq.apply,
    "RedisUser": _resource(redis_user.RedisUser(), inputs.RedisUserInputs),
}
"""What a document may ask for, by the type of each step."""


def main(arguments: list[str]) -> int:
    """Carry out the document that the one argument names: a file, or `-` for standard input."""
    try:
        (path,) = arguments
        document = json.loads(_read(path))
        server, steps = dict(document["server"]), list(document["steps"])
    except (OSError, EOFError, zlib.error, ValueError, KeyError) as error:
        _say(f"no task: {type(error).__name__}")
        return 2
    management = server.pop("management", None)
    for step in steps:
        named = step["inputs"].get("name") or step["inputs"].get("user") or step["inputs"].get("database") or ""
        given = {**server, **step["inputs"]}
        if step["type"].endswith("RabbitMQ"):
            given["management"] = management
        try:
            _patiently(STEPS[step["type"]], given)
        except Problem as problem:
            _say(f"{step['type']} {named}: {problem}")
            return 1
        _say(f"{step['type']} {named}: as declared")
    return 0


def _read(path: str) -> str:
    if path == "-":
        return sys.stdin.read()
    content = Path(path).read_bytes()
    return (gzip.decompress(content) if path.endswith(".gz") else content).decode()


def _say(line: str) -> None:
    """Say something to whoever reads the pod's log."""
    sys.stderr.write(f"{line}\n")


def _patiently(work: Work, given: Document) -> None:
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            return work(given)
        except Problem as problem:
            if "does not answer" not in str(problem) and "connect" not in str(problem).lower():
                raise
            if time.monotonic() > give_up:
                raise
            time.sleep(_PAUSE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
