"""Machines and stacks for tests. Pulumi, its plugins and sshd are those of `.plat/activate`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.integration.machine.harness import Machine, Stack


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path, closed to others."""
    place = Path(tempfile.mkdtemp(prefix="plat-test-machine-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def machine(folder: Path) -> Iterator[Machine]:
    """A machine that answers."""
    if os.geteuid() != 0:
        pytest.skip("making network namespaces takes root")
    made = Machine(folder / "machine", next(_numbers))
    made.start()
    yield made
    made.end()


@pytest.fixture
def stack(folder: Path) -> Stack:
    return Stack(folder / "project")


@pytest.fixture
def known(stack: Stack, machine: Machine) -> Machine:
    """A machine with the keys of the stack, as cloud-init gives them."""
    stack.must_up()
    machine.access = stack.outputs("access")["privateKey"]
    machine.know(stack.outputs("host")["privateKey"], stack.outputs("access")["publicKey"])
    machine.stop()
    machine.start()
    return machine


_numbers = count()
