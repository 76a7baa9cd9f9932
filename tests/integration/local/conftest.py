"""Stacks for tests. Pulumi and its plugins are those on PATH, as `.plat/activate` puts them there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plat.home import HOME_VARIABLE
from tests.integration.local.harness import Stack

NewStack = Callable[..., Stack]


@pytest.fixture(scope="module")
def new_stack() -> Iterator[NewStack]:
    """Make stacks; they end with the tests of the module."""
    made: list[Stack] = []
    folders: list[Path] = []

    def make(**options: object) -> Stack:
        # Below /tmp itself, where the service user may go: pytest's own folders are root's alone.
        folder = Path(tempfile.mkdtemp(prefix="plat-test-"))
        folder.chmod(0o755)
        folders.append(folder)
        stack = Stack(folder / "project", folder / "home", **options)  # type: ignore[arg-type]
        made.append(stack)
        return stack

    with pytest.MonkeyPatch.context() as patch:
        # Asked for by Home; each stack sets its own.
        patch.setenv(HOME_VARIABLE, "/nonexistent")
        yield make
        for stack in made:
            stack.end()
    for folder in folders:
        shutil.rmtree(folder)
