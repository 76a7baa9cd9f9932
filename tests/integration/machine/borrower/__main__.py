"""A plugin that enters a machine as Docker's does: by starting `ssh` with options from the state, whenever it works."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

sys.path[0] = str(Path(__file__).resolve().parents[4])
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

from providers.common.errors import Problem  # noqa: E402
from providers.common.inputs import Inputs  # noqa: E402
from providers.common.plugin import serve  # noqa: E402
from providers.common.provider import ResourceProvider  # noqa: E402
from providers.common.resource import Drift, Order, Outputs, Warn  # noqa: E402


class VisitInputs(Inputs):
    """Where to go, and with which options."""

    host: str
    options: list[str]


class Visit:
    """Enters the machine at its creation, in a refresh and at its end."""

    model = VisitInputs
    secrets: ClassVar[frozenset[str]] = frozenset()
    fixed: ClassVar[Mapping[str, str]] = {}
    replacing: ClassVar[frozenset[str]] = frozenset()
    foreseen: ClassVar[Outputs] = {}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, _: None, inputs: VisitInputs) -> None: ...

    def drift(self, _: None, inputs: VisitInputs, known: Outputs) -> Drift:
        del inputs, known
        return {}

    def create(self, _: None, order: Order, inputs: VisitInputs) -> tuple[str, Outputs]:
        del order
        return "visit", {"ran": enter(inputs, "created")}

    def update(self, _: None, order: Order, old: VisitInputs | None, new: VisitInputs) -> Outputs:
        del order, old
        return {"ran": enter(new, "updated")}

    def read(self, _: None, inputs: VisitInputs, known: Outputs, warn: Warn) -> Outputs | None:
        del warn
        enter(inputs, "read")
        return known

    def delete(self, _: None, resource_id: str, inputs: VisitInputs) -> None:
        del resource_id
        enter(inputs, "deleted")


def enter(inputs: VisitInputs, word: str) -> str:
    to = urlsplit(inputs.host)
    command = ["ssh", *inputs.options, "-l", to.username or "", "-p", str(to.port), "--", to.hostname or ""]
    done = subprocess.run([*command, f"echo {word} >> /run/visits"], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise Problem(done.stderr)
    return word


class Borrower(ResourceProvider[None]):
    package = "borrower"
    resources: ClassVar = {"borrower:index:Visit": Visit()}
    moving = frozenset({"ran"})
    removes_first = False

    @property
    def here(self) -> None: ...


serve(Borrower)
