"""A landscape that is up, as its customers see it, and as its teams look into their own stores."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

import httpx
import pytest

from tests.integration.main_job.checkout import Checkout, changes

PATIENCE = 60
"""Seconds for something to arrive; none of them is waited for when it is there."""

Read = TypeVar("Read")


@dataclass(frozen=True)
class Story:
    """One landscape, and where its deployables listen."""

    checkout: Checkout
    landscape: str
    ports: dict[str, int]
    variables: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, trust_env=False))

    def post(self, deployable: str, operation: str, document: dict[str, Any]) -> dict[str, Any]:
        """What a customer's POST answers, which must succeed."""
        answer = self.client.post(self._url(deployable, operation), json=document)
        assert answer.is_success, f"{operation}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def get(self, deployable: str, operation: str, **query: str) -> dict[str, Any]:
        """What a customer's GET answers, which must succeed; waited for while it is not found."""
        answer = eventually(
            lambda: self.client.get(self._url(deployable, operation), params=query),
            lambda answer: answer.status_code != HTTPStatus.NOT_FOUND,
        )
        assert answer.is_success, f"{operation}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def within(self, context: str, *words: str) -> str:
        """What a program says that runs with exactly the variables of `context`."""
        if context not in self.variables:
            told = self.checkout.done("plat", "exec", "-l", self.landscape, context, "--", "env", "-0")
            self.variables[context] = dict(setting.split("=", 1) for setting in told.split("\0") if "=" in setting)
        # The same again without the start of `plat`, which would be most of the time that a test takes.
        done = subprocess.run(words, env=self.variables[context], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, f"{' '.join(words)}:\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def rows(self, context: str, query: str, expected: int = 1) -> list[str]:
        """What `context` has in its own PostgreSQL, line by line; waited for until there are `expected` lines."""
        return eventually(
            lambda: self.within(context, "psql", "-At", "-c", query).splitlines(), lambda found: len(found) >= expected
        )

    def logged(self, deployable: str, text: str) -> None:
        """Waits until the deployable's log holds `text`."""
        read = ("plat", "logs", "-l", self.landscape, deployable, "--tail", "500")
        eventually(lambda: self.checkout.done(*read), lambda log: text in log)

    def _url(self, deployable: str, operation: str) -> str:
        return f"http://127.0.0.1:{self.ports[deployable]}/{operation}"


def eventually(read: Callable[[], Read], holds: Callable[[Read], bool]) -> Read:
    """What `read` gives as soon as that `holds`, for up to a minute."""
    deadline = time.monotonic() + PATIENCE
    while not holds(found := read()):
        if time.monotonic() > deadline:
            pytest.fail(f"still not there: {found}")
        time.sleep(0.2)
    return found


@contextmanager
def told(checkout: Checkout, landscape: str) -> Iterator[Story]:
    """Brings `landscape` up for a story; shows afterwards that its fences hold and that nothing has to change; removes it."""
    try:
        checkout.done("plat", "up", landscape)
        yield Story(checkout, landscape, _ports(checkout, landscape))
        again = checkout.done("plat", "up", landscape)
        assert "all as declared" in again
        assert changes(again.rpartition("updating")[2]).endswith("unchanged"), again
        assert not {"create", "update", "replace"} & set(changes(again).split()), again
    finally:
        checkout.run("plat", "destroy", landscape, "--with-data", "--confirm", landscape)


def _ports(checkout: Checkout, landscape: str) -> dict[str, int]:
    status = checkout.status(landscape)
    deployables = [*status["deployables"], *(item for context in status["contexts"] for item in context["deployables"])]
    return {item["name"]: item["port"] for item in deployables}
