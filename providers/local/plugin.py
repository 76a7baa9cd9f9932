"""The plugin's process: the provider behind gRPC, for the engine that has started it.

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
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from plat.home import Home
from providers.local.errors import DiskFull, LocalProblem, is_disk_full
from providers.local.provider import LocalProvider

VERSION = "0.1.0"

_METHODS = ("CheckConfig", "Configure", "Check", "Diff", "Create", "Read", "Update", "Delete")
_ORPHANED_AFTER = 2.0


def _plainly(method: str) -> Callable[..., Awaitable[Any]]:
    """Return the servicer's `method`, failing in one message."""
    inherited = getattr(ProviderServicer, method)

    async def answer(self: ProviderServicer, request: object, context: Any) -> Any:  # noqa: ANN401 - gRPC has no types
        try:
            return await inherited(self, request, context)
        except Exception as error:  # noqa: BLE001 - whatever it was, the engine has to be told
            # FAILED_PRECONDITION tells the engine that nothing is left in a state that nobody knows.
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, message_of(error))

    return answer


def message_of(error: BaseException) -> str:
    """Return what a user shall read of `error`, looking through the wrapping that the SDK puts around it."""
    for cause in _chain(error):
        if isinstance(cause, LocalProblem):
            return str(cause)
        if is_disk_full(cause) and isinstance(cause, OSError):
            return str(DiskFull(cause.filename or Path.cwd()))
    fault = error.__context__ or error
    frames = traceback.extract_tb(fault.__traceback__)[-3:]
    where = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"a fault in the provider platlocal itself, please report it: {type(fault).__name__}: {fault} ({where})"


def _chain(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__context__


class Servicer(ProviderServicer):
    """The SDK's servicer with plain failures."""

    async def DiffConfig(  # noqa: N802 - gRPC's name
        self, request: provider_pb2.DiffRequest, context: object
    ) -> provider_pb2.DiffResponse:
        """Answer that nothing differs: CheckConfig has refused what could."""
        del request, context
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)


for _method in _METHODS:
    setattr(Servicer, _method, _plainly(_method))


class EngineLog:
    """Messages to whoever runs Pulumi, through the engine at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address

    def warn(self, urn: str, message: str) -> None:
        """Show `message` as a warning beside the resource `urn`; without an engine, say nothing."""
        request = engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message, urn=urn)
        with contextlib.suppress(grpc.RpcError), grpc.insecure_channel(self._address) as channel:
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=10)


def main(root: Path) -> None:
    """Serve the provider for the checkout `root` until the engine ends it."""
    parser = argparse.ArgumentParser(description="Pulumi's plugin for the local target. The engine starts it.")
    parser.add_argument("engine", help="address of the engine")
    arguments, _ = parser.parse_known_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(root, arguments.engine))


async def _serve(root: Path, engine: str) -> None:
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider = LocalProvider(Home(root), EngineLog(engine).warn)
    servicer = Servicer(sys.argv[1:], VERSION, provider, engine)
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
