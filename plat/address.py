"""Addresses inside of texts: URLs with several hosts, connection settings, and every spelling of this machine."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

DATA_SCHEMES: Mapping[str, str] = {
    "amqp": "message broker",
    "amqps": "message broker",
    "kafka": "message broker",
    "mariadb": "database",
    "mongodb": "database",
    "mongodb+srv": "database",
    "mysql": "database",
    "postgres": "database",
    "postgresql": "database",
    "redis": "database",
    "rediss": "database",
    "valkey": "database",
}
"""The schemes by which data is reached, and what each leads to."""

_DEFAULT_PORTS = {
    "amqp": 5672,
    "amqps": 5671,
    "kafka": 9092,
    "mariadb": 3306,
    "mongodb": 27017,
    "mongodb+srv": 27017,
    "mysql": 3306,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "valkey": 6379,
    "http": 80,
    "https": 443,
}
_NO_PORT = -1

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9.-]*(?:\+[a-z0-9]+)?)://(?P<rest>[^\s\"'<>\\]*)")
_SETTING = re.compile(r"(?<![\w.])(?P<key>dbname|database|user)\s*=\s*'?(?P<value>[^\s'&;]+)")
_PATH = re.compile(r"search_path\s*(?:=|\s+TO\s)\s*['\"]?(?P<value>[^\s';&]+(?:\s*,\s*[^\s';&]+)*)", re.IGNORECASE)
_TABLE = re.compile(
    r"(?<!\w)(?:FROM|JOIN|INTO|UPDATE|TABLE|VIEW)\s+\"?(?P<value>[a-z_][a-z0-9_]*)\"?\s*\.\s*\"?\w", re.IGNORECASE
)
_VARIABLES = {"MYSQL_DATABASE": "database", "MYSQL_USER": "user", "PGDATABASE": "database", "PGUSER": "user"}
_LOOPBACK_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"}


@dataclass(frozen=True, slots=True)
class Address:
    """A URL: `hosts` are (host, port) pairs, the port -1 where neither URL nor scheme says one; `path` without slashes."""

    scheme: str
    user: str
    hosts: tuple[tuple[str, int], ...]
    path: str


def addresses(text: str) -> Iterator[Address]:
    """Every URL in `text`; a driver's suffix (`postgresql+psycopg`) is left away."""
    for match in _URL.finditer(text):
        scheme = match["scheme"].lower()
        if scheme not in DATA_SCHEMES:
            scheme = scheme.partition("+")[0]
        authority, _, path = match["rest"].partition("/")
        userinfo, _, hosts = authority.rpartition("@")
        default = _DEFAULT_PORTS.get(scheme, _NO_PORT)
        path = unquote(re.split(r"[?#/]", path, maxsplit=1)[0])
        pairs = tuple(_pair(host, default) for host in re.split(r"[?#]", hosts)[0].split(","))
        yield Address(scheme, unquote(userinfo.partition(":")[0]), pairs, path)


def settings(name: str, text: str) -> Iterator[tuple[str, str]]:
    """What `text` says of `user`, `database` and `schema` in the way of their clients, or as the variable `name`.

    A schema is one that tables are looked for in, by an option or in a statement.
    """
    if name in _VARIABLES:
        yield _VARIABLES[name], text.strip()
    for match in _SETTING.finditer(text):
        yield ("user" if match["key"] == "user" else "database"), match["value"]
    for match in _PATH.finditer(text):
        yield from (("schema", part.strip().strip('"')) for part in match["value"].split(","))
    for match in _TABLE.finditer(text):
        yield "schema", match["value"].lower()


def is_loopback(host: str) -> bool:
    """Whether `host` leads to this machine in any spelling: a name, `127.1`, `0x7f000001`, `::ffff:127.0.0.1`, `0.0.0.0`."""
    address = _numeric(host)
    return _is_named_loopback(host) if address is None else address.is_loopback or address.is_unspecified


def listens_on_loopback(host: str) -> bool:
    """Whether what listens at `host` is reached from this machine alone: at `0.0.0.0`, or at none, it is from everywhere."""
    address = _numeric(host)
    return bool(_bare(host)) and _is_named_loopback(host) if address is None else address.is_loopback


def _is_named_loopback(host: str) -> bool:
    bare = _bare(host)
    return bare in _LOOPBACK_NAMES or bare.endswith(".localhost")


def _numeric(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that `host` is in any notation; None where it is a name."""
    bare = _bare(host)
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare))
    except (OSError, ValueError):
        pass  # No address of IPv4.
    try:
        address = ipaddress.IPv6Address(bare)
    except ValueError:
        return None
    return address.ipv4_mapped or address


def _bare(host: str) -> str:
    return host.strip().strip("[]").rstrip(".").lower()


def _pair(text: str, default: int) -> tuple[str, int]:
    bracketed = re.fullmatch(r"\[(?P<host>[^\]]*)\](?::(?P<port>\d+))?", text)
    if bracketed:
        return bracketed["host"], int(bracketed["port"] or default)
    host, _, port = unquote(text).partition(":")
    return host, int(port) if port.isdecimal() and port.isascii() else default if not port else _NO_PORT
