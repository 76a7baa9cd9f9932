"""The provider `platlocal`: which types of resources it has, and the stack that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.provider.experimental import provider as wire

from plat.home import Home, HomeProblem
from providers.common import values
from providers.common.log import Log
from providers.common.provider import ResourceProvider, failure
from providers.common.resource import Resource
from providers.local.errors import Unusable
from providers.local.machine import Machine
from providers.local.mongodb_user import MongoDBUser
from providers.local.mysql_database import MySQLDatabase
from providers.local.mysql_user import MySQLUser
from providers.local.outbox import Outbox
from providers.local.postgres_contract import PostgresContract
from providers.local.postgres_fence import PostgresFence
from providers.local.postgres_schema import PostgresSchema
from providers.local.process import Process
from providers.local.redis_user import RedisUser
from providers.local.server import Server

RESOURCES: Mapping[str, Resource[Any, Machine]] = {
    "platlocal:index:Server": Server(),
    "platlocal:index:Process": Process(),
    "platlocal:index:MongoDBUser": MongoDBUser(),
    "platlocal:index:MySQLDatabase": MySQLDatabase(),
    "platlocal:index:MySQLUser": MySQLUser(),
    "platlocal:index:RedisUser": RedisUser(),
    "platlocal:index:PostgresFence": PostgresFence(),
    "platlocal:index:PostgresSchema": PostgresSchema(),
    "platlocal:index:PostgresContract": PostgresContract(),
    "platlocal:index:Outbox": Outbox(),
}


class LocalProvider(ResourceProvider[Machine]):
    """The provider `platlocal` for the checkout `home`."""

    package = "platlocal"
    resources = RESOURCES
    moving = frozenset({"startedAt"})
    removes_first = True

    def __init__(self, home: Home, log: Log) -> None:
        super().__init__(log)
        self._home = home
        self._machine: Machine | None = None

    @property
    def here(self) -> Machine:
        """This machine, as the configured stack sees it."""
        if self._machine is None:
            msg = "the provider platlocal has not been configured: it needs `stack`"
            raise Unusable(msg)
        return self._machine

    async def check_config(self, request: wire.CheckRequest) -> wire.CheckResponse:
        """Refuse a stack that names no runtime, or another one than before: servers and their data would stay behind."""
        new, old = values.to_python(request.new_inputs).get("stack"), values.to_python(request.old_inputs).get("stack")
        reason = ""
        if old is not None and old != new:
            reason = f"servers and their data lie in the runtime {old}: another one needs a provider of its own"
        elif isinstance(new, str) and not values.unknown_names({"stack": new}):
            try:
                self._home.runtime(new)
            except HomeProblem as problem:
                reason = str(problem)
        else:
            reason = "it names the runtime, as `<landscape>.<environment>`, and has to be known from the beginning"
        failures = [failure("stack", reason)] if reason else []
        return wire.CheckResponse(inputs=request.new_inputs, failures=failures)

    async def diff_config(self, request: wire.DiffRequest) -> wire.DiffResponse:
        """Find no difference: there is nothing but the stack, which cannot change."""
        del request
        return wire.DiffResponse(changes=False)

    async def configure(self, request: wire.ConfigureRequest) -> wire.ConfigureResponse:
        """Take the stack's name."""
        self._machine = Machine(self._home, str(values.to_python(request.args)["stack"]))
        return wire.ConfigureResponse(accept_secrets=True, supports_preview=True, accept_resources=False)
