"""XML-RPC over a unix socket, as supervisord speaks it, with a time limit on every call.

(supervisor's own transport waits for ever: http://supervisord.org/api.html)
"""

from __future__ import annotations

import http.client
import socket
import xmlrpc.client
from pathlib import Path
from typing import Any, cast

FAULT_BAD_NAME = 10
FAULT_NOT_RUNNING = 70
FAULT_ALREADY_STARTED = 60


class Client:
    """Calls to the supervisord that listens on `socket_path`; each has `timeout` seconds."""

    def __init__(self, socket_path: Path, timeout: float = 20) -> None:
        self._transport = _Transport(socket_path, timeout)

    def call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the method returns
        """Call `supervisor.<method>`. Raises OSError where nobody answers, xmlrpc.client.Fault where it says no."""
        with xmlrpc.client.ServerProxy("http://localhost", transport=self._transport) as server:
            try:
                return getattr(server.supervisor, method)(*cast("tuple[Any, ...]", arguments))
            except (http.client.HTTPException, xmlrpc.client.ProtocolError) as error:
                raise ConnectionError(str(error)) from None


class _Transport(xmlrpc.client.Transport):
    def __init__(self, socket_path: Path, timeout: float) -> None:
        super().__init__()
        self._socket_path = socket_path
        self._timeout = timeout

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        del host
        return _UnixConnection(self._socket_path, self._timeout)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, socket_path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._socket_path = socket_path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._socket_path))
