from __future__ import annotations

import json
from pathlib import Path

import pytest

from plat.engine.toolchain import ToolchainProblem, environment, pulumi
from plat.home import Home

BACKEND = "s3://states/shop"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.plat.mkdir()
    made.passphrase.write_text("correct horse")
    return made


def test_pulumi_runs_with_what_the_setup_found_and_this_checkouts_own_state(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    unwanted = {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_DIY_BACKEND_GZIP", "PYTHONDONTWRITEBYTECODE"}
    for name in unwanted:
        monkeypatch.setenv(name, "1")
    settings = {
        "path": ["/opt/pulumi"],
        "environment": {"PULUMI_HOME": "/opt/home"},
        "unset": ["PYTHONDONTWRITEBYTECODE"],
    }
    home.toolchain.write_text(json.dumps(settings))
    found = environment(home, BACKEND)

    assert found["PATH"] == "/opt/pulumi:/usr/bin"
    assert found["PULUMI_HOME"] == "/opt/home"
    assert found["PULUMI_BACKEND_URL"] == BACKEND
    assert found["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(home.passphrase)
    assert not unwanted & found.keys()


def test_an_empty_passphrase_is_refused(home: Home) -> None:
    home.passphrase.write_text("\n")

    with pytest.raises(ToolchainProblem, match="is empty, and so would be the protection of every secret"):
        environment(home, BACKEND)


def test_a_missing_passphrase_names_the_command_that_makes_one(home: Home) -> None:
    home.passphrase.unlink()

    with pytest.raises(ToolchainProblem, match="`make up` makes one"):
        environment(home, BACKEND)


def test_a_missing_pulumi_names_the_command_that_gets_it() -> None:
    with pytest.raises(ToolchainProblem, match="there is no `pulumi` on PATH and none was built: `make up` does the set-up"):
        pulumi({"PATH": "/nowhere"})
