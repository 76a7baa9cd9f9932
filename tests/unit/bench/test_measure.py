from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bench.measure import measured, program_of

WORK = "import time\nwhile time.process_time() < 0.5: pass\nopen('done', 'w')"
FOR_LONG = ("sleep", "3600.125")
SCRIPT = f"""
import signal
from pathlib import Path
from bench.measure import measured

signal.signal(signal.SIGTERM, signal.default_int_handler)
measured({[*FOR_LONG]}, cwd=Path(), variables={{}}, seconds=600, log=Path("log"))
"""
ROOT = Path(__file__).resolve().parents[3]


def lasting() -> list[psutil.Process]:
    return [each for each in psutil.process_iter(["cmdline"]) if each.info["cmdline"] == [*FOR_LONG]]


def test_the_work_of_a_process_that_has_lost_its_parent_is_counted(tmp_path: Path) -> None:
    orphan = f'(setsid {sys.executable} -c "{WORK}" &); while [ ! -e done ]; do sleep 0.05; done'
    found = measured(["/bin/sh", "-c", orphan], cwd=tmp_path, variables={}, seconds=60, log=tmp_path / "log")
    assert found.code == 0
    assert found.processor >= 0.5
    assert found.memory > 0
    assert "" not in found.programs


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["/bin/sh", "-c", "x"], "sh"),
        (["/opt/bin/pulumi", "up", "--yes"], "pulumi"),
        (["/opt/bin/python3.11", "-u", "-m", "pulumi.policy", "127.0.0.1:1"], "pulumi.policy"),
        (["/opt/bin/python", "/opt/bin/pulumi-language-python-exec", "--stack", "x"], "pulumi-language-python-exec"),
        (["python3"], "python3"),
        ([], ""),
    ],
)
def test_a_process_is_called_by_its_program(command: list[str], name: str) -> None:
    assert program_of(command) == name


def test_what_takes_too_long_is_ended_with_all_that_came_of_it(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", f"(setsid {' '.join(FOR_LONG)} &); {' '.join(FOR_LONG)}"]
    found = measured(command, cwd=tmp_path, variables={}, seconds=0.5, log=tmp_path / "log")
    assert found.code is None
    assert not lasting()


def test_a_command_finds_its_variables_and_what_it_says_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "log"
    found = measured(["/bin/sh", "-c", "echo $WORD; exit 3"], cwd=tmp_path, variables={"WORD": "said"}, seconds=60, log=log)
    assert found.code == 3
    assert "said" in log.read_text(encoding="utf-8").splitlines()


def test_nothing_is_left_where_measuring_is_interrupted(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    variables = {**os.environ, "PYTHONPATH": f"{ROOT}"}
    with subprocess.Popen([sys.executable, script], cwd=tmp_path, env=variables, stderr=subprocess.DEVNULL) as process:
        while not lasting():
            time.sleep(0.05)
        process.terminate()
    assert not lasting()
