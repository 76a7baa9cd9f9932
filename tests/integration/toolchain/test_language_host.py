"""The language host of the set-up runs programs for the engine, and does not outlive it."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from tests.integration.toolchain.made import Project

PATIENCE_SECONDS = 120
SLEEPER = """
import pathlib, time
pathlib.Path("started").touch()
time.sleep(600)
"""


def until(condition: object) -> None:
    """Wait until a condition holds; fail when it never does."""
    assert callable(condition)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_program_reads_its_configuration_and_exports_a_secret(project: Project) -> None:
    project.write(
        "import pulumi\n"
        "config = pulumi.Config()\n"
        "pulumi.export('plain', config.require('plain'))\n"
        "pulumi.export('secret', config.require_secret('secret'))\n"
    )
    project.run("config", "set", "plain", "of pulumi")
    project.run("config", "set", "--secret", "secret", "canary")

    code, output = project.run("up", "--yes", "--skip-preview")

    assert code == 0, output
    assert "canary" not in output
    assert project.run("stack", "output", "plain") == (0, "of pulumi\n")


def test_an_error_of_a_program_is_shown_once_and_fails_the_update(project: Project) -> None:
    project.write("raise ValueError('the moon is full')\n")

    code, output = project.run("up", "--yes", "--skip-preview")

    assert code != 0
    assert output.count("ValueError: the moon is full") == 1


def test_nothing_outlives_an_engine_that_is_killed(project: Project, tmp_path: Path) -> None:
    project.write(SLEEPER)
    engine = project.start("up", "--yes", "--skip-preview")
    until((tmp_path / "started").exists)
    family = psutil.Process(engine.pid).children(recursive=True)
    assert family

    engine.kill()
    engine.wait()

    until(lambda: not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in family))
