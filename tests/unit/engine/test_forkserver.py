"""What an interpreter of Pulumi's is to run goes as it would by itself, in a copy of a process that has loaded everything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from plat.engine.forkserver import VARIABLE, forkserver

ROOT = Path(__file__).resolve().parents[3]
NAME = "pulumi-language-python-exec"
SERVER = """
import sys
from plat.engine.forkserver import forkserver

def prepare():
    import colorsys
    colorsys.prepared = "by the server"

with forkserver(["json"], prepare) as variables:
    print(*(f"{name}={value}" for name, value in variables.items()), sep="\\n", end="\\n\\n", flush=True)
    sys.stdin.read()
"""
WHO = "import colorsys; print(getattr(colorsys, 'prepared', 'by itself'))\n"
"""A program that says whether it runs in a copy."""


@pytest.fixture
def server() -> Iterator[subprocess.Popen[str]]:
    """A process that serves: this one has threads, where tests run side by side."""
    words = [sys.executable, "-c", SERVER]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture
def variables(server: subprocess.Popen[str]) -> Mapping[str, str]:
    assert server.stdout
    lines = iter(server.stdout.readline, "\n")
    return {**os.environ, **dict(line.rstrip("\n").split("=", 1) for line in lines)}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin" / NAME


def ran(script: Path, program: str, *words: str, env: Mapping[str, str], python: str = sys.executable) -> tuple[str, str, int]:
    """What a program writes and says to be wrong, and its exit code."""
    script.write_text(program, encoding="utf-8")
    command = [python, "-u", str(script), *words]
    done = subprocess.run(command, cwd=script.parent, env=env, capture_output=True, text=True, check=False, input="asked\n")
    return done.stdout, done.stderr, done.returncode


@contextmanager
def running(script: Path, program: str, env: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A program that says its process id first, by itself, and can then be told more."""
    script.write_text(f"import os, time\n{program}", encoding="utf-8")
    words = [sys.executable, "-u", str(script)]
    with subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process, int(process.stdout.readline())
        process.kill()


def ended(pid: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_a_program_runs_in_a_copy_and_finds_its_own_words_variables_folder_and_files(
    script: Path, variables: Mapping[str, str]
) -> None:
    program = WHO + (
        "import os, sys\n"
        f"print(sys.argv[1:], os.environ['OWN'], os.getcwd(), input(), {VARIABLE!r} in os.environ, sys.path[0], __name__)\n"
        "print('wrong', file=sys.stderr)"
    )
    said, wrong, code = ran(script, program, "a b", "-u", env={**variables, "OWN": "ünd\nmore"})
    folder = script.parent
    assert said == f"by the server\n['a b', '-u'] ünd\nmore {folder} asked False {folder} __main__\n"
    assert (wrong, code) == ("wrong\n", 0)


def test_copies_know_nothing_of_each_other(script: Path, variables: Mapping[str, str]) -> None:
    leaves = "import colorsys, json, os; colorsys.prepared = json.left = os.environ['LEFT'] = 'left'"
    assert ran(script, leaves, env={**variables, "SECRET": "s3cret"}) == ("", "", 0)
    looks = WHO + "import json, os; print(hasattr(json, 'left'), 'LEFT' in os.environ, 'SECRET' in os.environ)"
    assert ran(script, looks, env=variables) == ("by the server\nFalse False False\n", "", 0)


@pytest.mark.parametrize(
    ("program", "code", "wrong"),
    [
        ("raise SystemExit", 0, ""),
        ("import sys; sys.exit(32)", 32, ""),
        ("import sys; sys.exit('no stack')", 1, "no stack\n"),
        ("raise KeyError('stack')", 1, "KeyError: 'stack'\n"),
        ("import os; os._exit(7)", 1, ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", 1, ""),
    ],
)
def test_it_ends_as_it_would_have_ended(
    script: Path, variables: Mapping[str, str], program: str, code: int, wrong: str
) -> None:
    said, found, ended_with = ran(script, program, env=variables)
    assert (said, ended_with) == ("", code)
    assert found.endswith(wrong)


def test_with_the_interpreter_its_copy_ends(script: Path, variables: Mapping[str, str]) -> None:
    with running(script, "print(os.getpid()); time.sleep(60)", variables) as (process, pid):
        assert pid != process.pid
        process.kill()
        assert ended(pid)


def test_an_interrupt_reaches_the_copy(script: Path, variables: Mapping[str, str]) -> None:
    waits = "try:\n    print(os.getpid()); time.sleep(60)\nexcept KeyboardInterrupt:\n    raise SystemExit(5)"
    with running(script, waits, variables) as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 5


def test_what_runs_goes_on_when_the_server_is_killed_and_what_begins_does_without(
    script: Path, server: subprocess.Popen[str], variables: Mapping[str, str]
) -> None:
    with running(script, f"print(os.getpid()); input()\n{WHO}", variables) as (process, _):
        (served,) = [child for child in psutil.Process(server.pid).children() if child.pid != process.pid]
        server.kill()
        assert ended(served.pid)
        assert process.communicate("\n", timeout=10)[0] == "by the server\n"
        assert process.returncode == 0
    assert ran(script, WHO, env=variables)[0] == "by itself\n"


def test_the_server_ends_with_whoever_has_begun_it(server: subprocess.Popen[str], variables: Mapping[str, str]) -> None:
    assert variables[VARIABLE]
    (copied,) = psutil.Process(server.pid).children()
    server.kill()
    assert ended(copied.pid)


def test_another_python_goes_on_by_itself(script: Path, variables: Mapping[str, str], tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", symlinks=True)
    assert ran(script, WHO, env=variables, python=str(tmp_path / "venv" / "bin" / "python")) == ("by itself\n", "", 0)


@pytest.mark.skipif(os.getuid() != 0, reason="another user can only be played by root")
def test_another_user_goes_on_by_himself(variables: Mapping[str, str]) -> None:
    words = [sys.executable, "-u", "-m", "pulumi.policy", "--help"]
    nobody = subprocess.run(words, env=variables, capture_output=True, text=True, check=False, user=65534, cwd="/")
    assert (nobody.returncode, "engineAddress" in nobody.stdout) == (0, True)


def test_whatever_else_python_is_begun_for_goes_on_by_itself(variables: Mapping[str, str]) -> None:
    done = subprocess.run([sys.executable, "-c", WHO], env=variables, capture_output=True, text=True, check=True)
    assert done.stdout == "by itself\n"


def test_beside_other_threads_nothing_is_served() -> None:
    with forkserver([], lambda: None) as variables:
        assert variables == {} or len(list(Path("/proc/self/task").iterdir())) == 1
