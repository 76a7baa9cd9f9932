"""A plugin's process: a provider behind gRPC, for the engine that has started it.

The SDK's servicer answers a failed request with a stack trace, and a DiffConfig not at all (it reads attributes that
its own answer has not). What a user can put right is one message; only a fault of ours is more.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped] # publishes no types
import grpc.aio  # type: ignore[import-untyped]
from pulumi.provider.experimental import provider as wire
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from providers.common.errors import DiskFull, Problem, is_disk_full
from providers.common.log import EngineLog, Log
from providers.common.provider import ResourceProvider

VERSION = "0.1.0"

_METHODS = ("CheckConfig", "Configure", "Check", "Diff", "Create", "Read", "Update", "Delete")
_ORPHANED_AFTER = 2.0


def _plainly(method: str) -> Callable[..., Awaitable[Any]]:
    """Return the servicer's `method`, failing in one message."""
    inherited = getattr(ProviderServicer, method)

    async def answer(self: Servicer, request: object, context: Any) -> Any:  # noqa: ANN401 - gRPC has no types
        try:
            return await inherited(self, request, context)
        except Exception as error:  # noqa: BLE001 - whatever it was, the engine has to be told
            # FAILED_PRECONDITION tells the engine that nothing is left in a state that nobody knows.
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, message_of(error, self.package))

    return answer


def message_of(error: BaseException, package: str) -> str:
    """Return what a user shall read of an `error` of the provider `package`, looking through the SDK's wrapping."""
    for cause in _chain(error):
        if isinstance(cause, Problem):
            return str(cause)
        if is_disk_full(cause) and isinstance(cause, OSError):
            return str(DiskFull(cause.filename or Path.cwd()))
    fault = error.__context__ or error
    frames = traceback.extract_tb(fault.__traceback__)[-3:]
    where = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"a fault in the provider {package} itself, please report it: {type(fault).__name__}: {fault} ({where})"


def _chain(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__context__


class Servicer(ProviderServicer):
    """The SDK's servicer with plain failures, for the provider `served` and the engine at the address `engine`."""

    def __init__(self, served: ResourceProvider[Any], engine: str) -> None:
        super().__init__(sys.argv[1:], VERSION, served, engine)
        self.package = served.package
        self._served = served

    async def DiffConfig(  # noqa: N802 - gRPC's name
        self, request: provider_pb2.DiffRequest, context: object
    ) -> provider_pb2.DiffResponse:
        """Answer what differs; nothing of it is ever a reason to make all resources anew."""
        del context
        old, new = PropertyValue.unmarshal_map(request.olds), PropertyValue.unmarshal_map(request.news)
        found = await self._served.diff_config(
            wire.DiffRequest(request.urn, request.id, old, new, list(request.ignoreChanges))
        )
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some if found.changes else none, diffs=found.diffs or [])


for _method in _METHODS:
    setattr(Servicer, _method, _plainly(_method))


def serve(make: Callable[[Log], ResourceProvider[Any]]) -> None:
    """Serve the provider that `make` gives, which tells users by the log, until the engine ends this process."""
    parser = argparse.ArgumentParser(description="A plugin of Pulumi's. The engine starts it.")
    parser.add_argument("engine", help="address of the engine")
    arguments, _ = parser.parse_known_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(make(EngineLog(arguments.engine)), arguments.engine))


async def _serve(provider: ResourceProvider[Any], engine: str) -> None:
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    servicer = Servicer(provider, engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    orphaned = asyncio.create_task(_end_when_orphaned(os.getppid()))
    await server.wait_for_termination()
    orphaned.cancel()


async def _end_when_orphaned(parent: int) -> None:
    """End this process when its parent has been killed; work that it is in the middle of is what the next run finishes."""
    while os.getppid() == parent:  # noqa: ASYNC110 - the kernel tells nobody
        await asyncio.sleep(_ORPHANED_AFTER)
    os._exit(1)
