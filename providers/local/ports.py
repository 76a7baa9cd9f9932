"""Whether a port is free, and who has it."""

from __future__ import annotations

import errno
import socket

import psutil

from providers.local.errors import LocalProblem, PortBusy, Unusable

_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - what others listen on


def require_free(name: str, host: str, port: int, environment: str) -> None:
    """Raise PortBusy if somebody listens on `port` of `host`; Unusable if this account may not listen there.

    `name` is the listener to be, `environment` the one whose file sets its port.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections that have ended but still linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _problem(error, name, host, port, environment) from None


def answers(host: str, port: int, patience: float = 1.0) -> bool:
    """Tell whether anybody accepts connections on `port` of `host` within `patience` seconds."""
    try:
        with socket.create_connection((host, port), timeout=patience):
            return True
    except OSError:
        return False


def _problem(error: OSError, name: str, host: str, port: int, environment: str) -> LocalProblem:
    if error.errno == errno.EADDRINUSE:
        return PortBusy(name, host, port, _holder(host, port), environment)
    return Unusable(f"{name} cannot listen on port {port} of {host}: {error.strerror}")


def _holder(host: str, port: int) -> tuple[int, str] | None:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return None
    for connection in sorted(connections, key=lambda item: item.status != psutil.CONN_LISTEN):
        address = connection.laddr
        if connection.pid and address and address.port == port and address.ip in {host, *_EVERY_ADDRESS}:
            try:
                return connection.pid, psutil.Process(connection.pid).name()
            except psutil.NoSuchProcess:
                continue
    return None
