"""Waiting for what the cluster does by itself."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

from toolchain.cluster.api import Api
from toolchain.cluster.errors import ApiError, NotInTimeError
from toolchain.cluster.places import API_SERVICE, DNS_SERVICE, DOMAIN, NODE

_SECONDS = 120.0
_PAUSE = 0.05
_DNS_SECONDS = 0.5
_DNS_PORT = 53
_RECURSIVE = 0x0100
_ADDRESS, _INTERNET = 1, 1


class Waiting:
    """Asks until the answer is yes."""

    def __init__(self, logs: Path, check: Callable[[], None]) -> None:
        """Take where the logs are, and what raises once waiting has become useless."""
        self._logs = logs
        self._check = check

    def until(self, what: str, true: Callable[[], bool], seconds: float = _SECONDS) -> None:
        """Ask until it is true; raises `NotInTimeError`, or what the check raises."""
        end = time.monotonic() + seconds
        last = ""
        while time.monotonic() < end:
            try:
                if true():
                    return
            except (ApiError, OSError) as error:
                last = f"{error}"[:200]
            self._check()
            time.sleep(_PAUSE)
        raise NotInTimeError(what, seconds, last, self._logs)


def api_is_ready(api: Api) -> bool:
    """Tell whether the API server serves everything."""
    return api.text("GET", "/readyz") == "ok"


def accounts_are_made(api: Api) -> bool:
    """Tell whether the controllers work: they make each namespace's account, without which no pod can be made."""
    return bool(api.get("/api/v1/namespaces/default/serviceaccounts/default"))


def node_is_ready(api: Api) -> bool:
    """Tell whether the node takes pods."""
    conditions = api.get(f"/api/v1/nodes/{NODE}")["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def dns_answers(server: str = DNS_SERVICE) -> bool:
    """Tell whether the cluster's DNS knows the Service that every cluster has, asked from outside of it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(_DNS_SECONDS)
        asking.sendto(dns_query(f"kubernetes.default.svc.{DOMAIN}"), (server, _DNS_PORT))
        return socket.inet_aton(API_SERVICE) in asking.recv(512)


def dns_query(name: str) -> bytes:
    """Write a question for the address behind a name (RFC 1035, section 4)."""
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split("."))
    return struct.pack("!6H", 1, _RECURSIVE, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, _ADDRESS, _INTERNET)
