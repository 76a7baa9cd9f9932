"""Waiting for what the cluster does by itself."""

from __future__ import annotations

import socket
import struct
from typing import ClassVar

from toolchain.cluster.api import Api
from toolchain.cluster.errors import ApiError
from toolchain.cluster.places import API_SERVICE, DNS_SERVICE, DOMAIN, NODE
from toolchain.sandbox import waiting

_DNS_SECONDS = 0.5
_DNS_PORT = 53
_RECURSIVE = 0x0100
_ADDRESS, _INTERNET = 1, 1


class Waiting(waiting.Waiting):
    """Asks until the answer is yes, of an API server too."""

    passing: ClassVar[tuple[type[Exception], ...]] = (ApiError, OSError)


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
