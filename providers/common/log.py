"""Messages to whoever runs Pulumi, through the engine."""

from __future__ import annotations

import contextlib
from typing import Protocol

import grpc  # type: ignore[import-untyped] # publishes no types
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class Log(Protocol):
    """Where messages go; each stands beside the resource of an URN."""

    def warn(self, urn: str, message: str) -> None:
        """Show `message` as a warning."""

    def note(self, urn: str, message: str) -> None:
        """Show `message` until the next one, as what goes on now."""


class EngineLog:
    """The log of the engine at `address`; without an engine, nothing is said."""

    def __init__(self, address: str) -> None:
        self._address = address

    def warn(self, urn: str, message: str) -> None:
        """Show `message` as a warning."""
        self._send(engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message, urn=urn))

    def note(self, urn: str, message: str) -> None:
        """Show `message` until the next one, as what goes on now."""
        self._send(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message, urn=urn, ephemeral=True))

    def _send(self, request: engine_pb2.LogRequest) -> None:
        with contextlib.suppress(grpc.RpcError), grpc.insecure_channel(self._address) as channel:
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=10)
