"""Tries every cell of the matrix at the real servers, many at a time."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby

from plat.plan.model import Plan, SecretRef
from plat.verify.expectations import expectations
from plat.verify.model import Cell, Outcome, Result
from plat.verify.probes import try_cells
from plat.verify.report import Report

_WORKERS = 4 * (os.cpu_count() or 1)
_LONGEST = 160
_SHORTEST_SECRET = 4  # blotting out anything shorter would blot out words


def verify(plan: Plan, secrets: Mapping[SecretRef, str]) -> Report:
    """Tries every right of `plan` with everybody's own credentials out of `secrets`, and compares.

    Nothing is changed: what is written is rolled back or removed, no message is moved. No secret is in the report.
    """
    cells = expectations(plan)
    order = {cell: position for position, cell in enumerate(cells)}
    with _quiet("pika"), ThreadPoolExecutor(_WORKERS) as pool:
        found = [result for results in pool.map(lambda group: _try(group, secrets), _groups(cells)) for result in results]
    found.sort(key=lambda result: order[result.cell])
    return Report(plan.landscape, plan.environment, tuple(found))


def _groups(cells: Iterable[Cell]) -> list[list[Cell]]:
    """The cells of each principal at each server: tried one after the other, so that they can share a connection."""

    def server(cell: Cell) -> tuple[str, str, int]:
        return cell.principal, cell.door.host, cell.door.port

    return [list(group) for _, group in groupby(sorted(cells, key=server), key=server)]


def _try(cells: list[Cell], secrets: Mapping[SecretRef, str]) -> list[Result]:
    return [
        Result(cell, Outcome(outcome.allowed, tidy(outcome.words, secrets)))
        for cell, outcome in zip(cells, try_cells(cells, secrets), strict=True)
    ]


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keeps a library from logging each refusal as an error with a traceback: here it is what was asked for."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def tidy(words: str, secrets: Mapping[SecretRef, str]) -> str:
    """`words` on one line, shortened, without any secret."""
    for secret in sorted(secrets.values(), key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            words = words.replace(secret, "***")
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
