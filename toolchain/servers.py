"""The programs that do not come with a Python library: a part of the set-up each, for landscapes that name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from toolchain.ferretdb import FerretDB
from toolchain.graphviz import Graphviz
from toolchain.kafka import Kafka
from toolchain.mariadb import MariaDB
from toolchain.nftables import Nftables
from toolchain.openssh import OpenSSH
from toolchain.parts import Part
from toolchain.rabbitmq import RabbitMQ
from toolchain.versitygw import Versitygw

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from toolchain.site import Site


class Programs(Part, Protocol):
    """A part whose programs lie in one folder."""

    @property
    def variable(self) -> str:
        """The variable that tells the local target where the folder is."""

    @property
    def commands(self) -> tuple[str, ...]:
        """Those of its programs that people run: they go onto the PATH."""

    @property
    def folder(self) -> Path:
        """Where its programs are, or will be."""

    @property
    def ready(self) -> bool:
        """Whether they are there."""


_PARTS: Mapping[str, Callable[[Site, str], Programs]] = {
    "graphviz": Graphviz,  # no server: no landscape names it, so that only the whole set-up brings it
    "kafka": Kafka,
    "mongodb": FerretDB,
    "mysql": MariaDB,
    "nftables": Nftables,  # for tests, as Graphviz is for people
    "openssh": OpenSSH,  # for tests too
    "rabbitmq": RabbitMQ,
    "versitygw": Versitygw,  # for tests too
}
"""By what descriptors call the kind of server; each is made from the site and the search path."""


def servers(site: Site, search_path: str, words: Collection[str] | None) -> tuple[list[Programs], list[Programs]]:
    """Give the servers that are wanted, and all others: wanted are those that the words name, all for None."""
    wanted: list[Programs] = []
    others: list[Programs] = []
    for kind, part in sorted(_PARTS.items()):
        (wanted if words is None or kind in words else others).append(part(site, search_path))
    return wanted, others
