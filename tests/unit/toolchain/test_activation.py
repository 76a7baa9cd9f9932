from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from toolchain.activation import Activation, activation_of, plat_script
from toolchain.errors import SetupError
from toolchain.progress import Step
from toolchain.site import Site

AWKWARD = Path('/srv/it\'s a "test" $HOME `id`/checkout')
SHELLS = ["sh", "bash"]


class Broker:
    """A server that the set-up has provided."""

    name = "rabbitmq"
    variable = "PLAT_RABBITMQ_BIN"
    commands = ("rabbitmqctl",)
    folder = Path("/cache/rabbitmq/bin")
    ready = True

    def lacks(self) -> list[SetupError]:
        return []

    def provide(self, step: Step) -> None:
        raise AssertionError(step)


def in_shell(shell: str, activation: Activation, expression: str, tmp_path: Path, times: int = 1) -> str:
    script = tmp_path / "activate"
    script.write_text(activation.shell, encoding="utf-8")
    source = f". {script}; " * times
    command = [shell, "-euc", f'{source} printf %s "{expression}"']
    variables = {"PATH": "/usr/bin:/bin", "PULUMI_CONFIG_PASSPHRASE": "from elsewhere"}
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_a_folder_with_any_character_is_carried_into_the_shell_as_it_is(shell: str, tmp_path: Path) -> None:
    activation = Activation((AWKWARD / "bin",), {"PLACE": str(AWKWARD)})
    assert in_shell(shell, activation, "$PLACE", tmp_path) == str(AWKWARD)
    assert in_shell(shell, activation, "$PATH", tmp_path) == f"{AWKWARD}/bin:/usr/bin:/bin"


@pytest.mark.parametrize("shell", SHELLS)
def test_sourcing_twice_changes_nothing_more(shell: str, tmp_path: Path) -> None:
    activation = Activation((Path("/a"), Path("/b")), {})
    assert in_shell(shell, activation, "$PATH", tmp_path, times=2) == "/a:/b:/usr/bin:/bin"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_passphrase_from_elsewhere_does_not_win_over_the_file(shell: str, tmp_path: Path) -> None:
    assert in_shell(shell, Activation((), {}), "${PULUMI_CONFIG_PASSPHRASE-unset}", tmp_path) == "unset"


def test_an_installed_engine_keeps_its_own_home_and_ours_has_one_in_the_checkout() -> None:
    site = Site(Path("/checkout"), Path("/cache"), root=False)
    installed = activation_of(site, [], [], own_engine=False)
    ours = activation_of(site, [], [], own_engine=True)
    assert "PULUMI_HOME" not in installed.variables
    assert ours.variables["PULUMI_HOME"] == "/checkout/.plat/pulumi-home"


def test_the_document_for_programs_says_the_same_as_the_script() -> None:
    site = Site(Path("/checkout"), Path("/cache"), root=False)
    activation = activation_of(site, [Path("/cache/toolchain/bin")], [Broker()], own_engine=True)
    assert json.loads(activation.document) == {
        "version": 1,
        "path": ["/checkout/.plat/bin", "/checkout/.venv/bin", "/cache/toolchain/bin"],
        "environment": {
            "DO_NOT_TRACK": "1",
            "PLAT_RABBITMQ_BIN": "/cache/rabbitmq/bin",
            "PULUMI_BACKEND_URL": "file:///checkout/.plat/state?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE_FILE": "/checkout/.plat/passphrase",
            "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
            "PULUMI_HOME": "/checkout/.plat/pulumi-home",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        },
        "unset": ["PULUMI_CONFIG_PASSPHRASE", "PYTHONDONTWRITEBYTECODE"],
    }


def test_the_command_plat_is_a_valid_script_wherever_the_checkout_lies() -> None:
    script = plat_script(Site(AWKWARD, Path("/cache"), root=False))
    assert subprocess.run(["sh", "-n"], input=script, text=True, check=False).returncode == 0
