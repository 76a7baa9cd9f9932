"""Cells and outcomes as JSON, for attempts that are made elsewhere."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from plat.plan.model import SecretRef
from plat.verify import model
from plat.verify.model import Cell, Outcome

PROVER = ("python3", "-m", "plat.verify")
"""What takes a task on its standard input, and answers on its standard output."""

_TYPE = "type"


def task(cells: Sequence[Cell], secrets: Mapping[SecretRef, str]) -> str:
    """What is to be tried, with no more secrets than that needs."""
    wanted = {key.secret for cell in cells for key in cell.keys if key.secret}
    held = {ref: value for ref, value in secrets.items() if ref in wanted}
    return json.dumps({"cells": [_plain(cell) for cell in cells], "secrets": held})


def read_task(text: str) -> tuple[list[Cell], Mapping[SecretRef, str]]:
    """The cells and the secrets of a task."""
    found = json.loads(text)
    return [_cell(item) for item in found["cells"]], {SecretRef(name): value for name, value in found["secrets"].items()}


def answer(outcomes: Sequence[Outcome]) -> str:
    """What came of it."""
    return json.dumps([dataclasses.asdict(outcome) for outcome in outcomes])


def read_answer(text: str) -> list[Outcome]:
    """The outcomes of an answer. Raises ValueError where it is none."""
    return [Outcome(**item) for item in json.loads(text)]


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of a cell
    if dataclasses.is_dataclass(value):
        found = {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
        return {_TYPE: type(value).__name__, **found}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _cell(value: Any) -> Cell:  # noqa: ANN401 - what JSON holds
    found = _whole(value)
    if not isinstance(found, Cell):
        msg = "no cell"
        raise TypeError(msg)
    return found


def _whole(value: Any) -> Any:  # noqa: ANN401 - any part of a cell
    if isinstance(value, dict):
        fields = {name: _whole(inner) for name, inner in value.items() if name != _TYPE}
        return getattr(model, value[_TYPE])(**fields)
    return tuple(_whole(item) for item in value) if isinstance(value, list) else value
