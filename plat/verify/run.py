"""Tries every cell of the matrix at the real servers, many at a time."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter

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
    groups = _groups(enumerate(expectations(plan)))
    with _quiet("pika"), ThreadPoolExecutor(_WORKERS) as pool:
        tried = [result for results in pool.map(lambda group: _try(group, secrets), groups) for result in results]
    return Report(plan.landscape, plan.environment, tuple(result for _, result in sorted(tried, key=itemgetter(0))))


def _groups(cells: Iterable[tuple[int, Cell]]) -> list[list[tuple[int, Cell]]]:
    """The cells of each principal at each server: tried one after the other, so that they can share a connection."""

    def server(numbered: tuple[int, Cell]) -> tuple[str, str, int]:
        return numbered[1].principal, numbered[1].door.host, numbered[1].door.port

    return [list(group) for _, group in groupby(sorted(cells, key=server), key=server)]


def _try(cells: list[tuple[int, Cell]], secrets: Mapping[SecretRef, str]) -> list[tuple[int, Result]]:
    outcomes = try_cells([cell for _, cell in cells], secrets)
    return [
        (number, Result(cell, Outcome(outcome.allowed, tidy(outcome.words, secrets))))
        for (number, cell), outcome in zip(cells, outcomes, strict=True)
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
