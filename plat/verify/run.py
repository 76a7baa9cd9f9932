"""Tries every cell of the matrix at the real servers, many at a time."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter

from plat.plan.model import Plan, SecretRef
from plat.verify.expectations import expectations
from plat.verify.model import Cell, Outcome, Result
from plat.verify.report import Report

WORKERS = 4 * (os.cpu_count() or 1)
_LONGEST = 160
_NAMELESS = "Temporary failure in name resolution"
"""What the C library says where it had no answer to a question for a name: nothing can be told of the server."""

_UNTIL_NAMED = 10  # seconds: a packet may have been lost, and a new pod's way to names may open late
_TIMES = 3

_Tries = Callable[[Sequence[Cell], Mapping[SecretRef, str]], Iterator[Outcome]]

_SHORTEST_SECRET = 4  # blotting out anything shorter would blot out words


def verify(plan: Plan, secrets: Mapping[SecretRef, str]) -> Report:
    """Tries every right of `plan` with everybody's own credentials out of `secrets`, and compares.

    Nothing is changed: what is written is rolled back or removed, no message is moved. No secret is in the report.
    """
    cells = expectations(plan)
    with quiet(), ThreadPoolExecutor(WORKERS) as pool:
        outcomes = attempt(cells, secrets, pool)
    found = zip(cells, outcomes, strict=True)
    results = (Result(cell, Outcome(outcome.allowed, tidy(outcome.words, secrets))) for cell, outcome in found)
    return Report(plan.landscape, plan.environment, tuple(results))


def attempt(cells: Sequence[Cell], secrets: Mapping[SecretRef, str], pool: Executor) -> list[Outcome]:
    """What came of each of `cells`, tried from here, in the servers' own words."""
    from plat.verify.probes import try_cells  # noqa: PLC0415 - every server's client, which no command needs that tries nothing

    def tried(group: list[tuple[int, Cell]]) -> list[tuple[int, Outcome]]:
        return [(number, outcome) for (number, _), outcome in zip(group, _outcomes(group, secrets, try_cells), strict=True)]

    found = [pair for pairs in pool.map(tried, _groups(enumerate(cells))) for pair in pairs]
    return [outcome for _, outcome in sorted(found, key=itemgetter(0))]


def _outcomes(group: list[tuple[int, Cell]], secrets: Mapping[SecretRef, str], tries: _Tries) -> Iterator[Outcome]:
    cells = [cell for _, cell in group]
    for cell, outcome in zip(cells, tries(cells, secrets), strict=True):
        yield _once_named(cell, outcome, secrets, tries)


def _once_named(cell: Cell, outcome: Outcome, secrets: Mapping[SecretRef, str], tries: _Tries) -> Outcome:
    """The outcome of a cell that is tried again as long as nothing could be told for want of an address."""
    found = outcome
    for _ in range(_TIMES):
        if found.allowed is not None or _NAMELESS not in found.words or not _is_answered(cell.door.host):
            break
        (found,) = tries([cell], secrets)
    return found


def _is_answered(host: str) -> bool:
    """Whether there is an answer to the question for a name, be it after a while, and be it that there is no such name."""
    give_up = time.monotonic() + _UNTIL_NAMED
    while True:
        try:
            socket.getaddrinfo(host, None)
        except socket.gaierror as error:
            if error.errno != socket.EAI_AGAIN:
                return True
            if time.monotonic() > give_up:
                return False
            time.sleep(1)
        else:
            return True


def _groups(cells: Iterable[tuple[int, Cell]]) -> list[list[tuple[int, Cell]]]:
    """The cells of each principal at each server: tried one after the other, so that they can share a connection."""

    def server(numbered: tuple[int, Cell]) -> tuple[str, str, int]:
        return numbered[1].principal, numbered[1].door.host, numbered[1].door.port

    return [list(group) for _, group in groupby(sorted(cells, key=server), key=server)]


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps pika from logging each refusal as an error with a traceback: here it is what was asked for."""
    logger = logging.getLogger("pika")
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
