"""What the set-up made, the user that servers run as, and a Pulumi project of each test's own."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.integration.toolchain.made import Project, Toolchain, read_toolchain


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return read_toolchain()


@pytest.fixture(scope="session")
def servant() -> str | None:
    """The user that servers run as: one of their own when the tests are run by root."""
    return None if os.geteuid() else pwd.getpwnam("plat").pw_name


@pytest.fixture
def folder(servant: str | None) -> Iterator[Path]:
    """A folder that the servant owns; pytest's own are closed to other users."""
    place = Path(mkdtemp(prefix="plat-toolchain-"))
    if servant:
        shutil.chown(place, servant, servant)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def project(tmp_path: Path, toolchain: Toolchain) -> Project:
    made = Project(tmp_path, toolchain)
    made.write("")
    assert made.run("stack", "init")[0] == 0
    return made
