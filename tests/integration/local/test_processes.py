"""Deployables as processes: ready or told why not, with exactly their variables, and no secret anywhere else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable

import httpx
import pytest

from tests.integration.local.harness import OTHER_PASSWORD, STACK, Stack, living, process, wait_for

PORT = 31551

WEB = """
import http.server, json, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path in ("/ready", "/environment") else 404)
        self.end_headers()
        self.wfile.write(json.dumps({**os.environ, "cwd": os.getcwd()}).encode())
http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
"""

VARIABLES = {"HOST": "127.0.0.1", "PORT": str(PORT), "URL": "http://me:$(TOKEN)@$(HOST)/", "PRICE": "$$(HOST)"}
SHOP = process("shop", WEB, port=PORT, environment=VARIABLES, secrets={"TOKEN": OTHER_PASSWORD})


@pytest.fixture(scope="module")
def stack(new_stack: Callable[[], Stack]) -> Stack:
    return new_stack()


@pytest.fixture
def running(stack: Stack) -> Stack:
    stack.must_up(SHOP)
    return stack


def environment() -> dict[str, str]:
    found: dict[str, str] = httpx.get(f"http://127.0.0.1:{PORT}/environment", trust_env=False).json()
    return found


def test_it_gets_its_variables_with_references_resolved_and_nothing_of_the_callers(running: Stack) -> None:
    found = environment()
    assert found["URL"] == f"http://me:{OTHER_PASSWORD}@127.0.0.1/"
    assert found["PRICE"] == "$(HOST)"
    # The last two are there where the service user cannot pass through the checkout.
    assert sorted(found.keys() - {"PYTHONPATH", "PYTHONSAFEPATH"}) == sorted(
        {*VARIABLES, "TOKEN", "PATH", "LANG", "TZ", "HOME", "PYTHONUNBUFFERED", "cwd"} | _locale(found)
    )
    assert running.outputs("shop")["logFile"] == "logs/shop.log"


def _locale(found: dict[str, str]) -> set[str]:
    # Python itself may set this one (PEP 538).
    return {"LC_CTYPE"} & found.keys()


def test_it_runs_in_the_checkout(running: Stack) -> None:
    assert environment()["cwd"] == str(running.root)


def test_the_second_up_changes_nothing(running: Stack) -> None:
    assert running.must_up().summary == {"unchanged": 3}


def test_its_secrets_stand_in_no_command_line_configuration_log_or_state(running: Stack) -> None:
    found = subprocess.run(["ps", "auxww"], capture_output=True, text=True, check=True).stdout
    assert OTHER_PASSWORD not in found
    assert OTHER_PASSWORD not in (running.place / "supervisord.conf").read_text()
    assert not [path for path in (running.place / "logs").iterdir() if OTHER_PASSWORD in path.read_text()]
    assert OTHER_PASSWORD not in running.pulumi("stack", "export").text
    spec = running.place / "specs" / "shop.json"
    assert json.loads(spec.read_text())["environment"]["TOKEN"] == OTHER_PASSWORD
    assert oct(spec.stat().st_mode & 0o777) == "0o600"


def test_a_changed_variable_restarts_it_and_a_changed_label_does_not(running: Stack) -> None:
    first = running.pid("shop")
    labelled = {**SHOP, "inputs": {**SHOP["inputs"], "labels": {"team": "orders-team"}}}
    assert running.must_up(labelled).summary == {"updated": 1, "unchanged": 2}
    assert running.pid("shop") == first
    running.must_up({**SHOP, "inputs": {**SHOP["inputs"], "environment": {**VARIABLES, "MORE": "1"}}})
    assert running.pid("shop") != first
    assert environment()["MORE"] == "1"


def test_one_that_is_killed_is_started_again_and_refresh_shows_it(running: Stack) -> None:
    os.kill(running.pid("shop"), signal.SIGKILL)
    refreshed = running.refresh()
    assert refreshed.summary == {"updated": 1, "unchanged": 2}, refreshed.text
    running.must_up()
    assert environment()["TOKEN"] == OTHER_PASSWORD


def test_its_log_can_be_read_by_name(running: Stack) -> None:
    running.must_up(process("talker", "print('one'); print('two', flush=True); import time; time.sleep(1000)"))
    assert list(running.runtime.logs(["talker"], tail=1)) == ["two"]


FAILURES = {
    "a crash": (
        process("crashing", "import sys; print('cannot open', 'the shop'); sys.exit(3)"),
        ["crashing ended with exit status 3", "logs/crashing.log, which ends:", "cannot open the shop"],
    ),
    "a secret in its last words": (
        process("telling", f"import sys; sys.exit('no entry with {OTHER_PASSWORD}')", secrets={"TOKEN": OTHER_PASSWORD}),
        ["telling ended with exit status 1", "no entry with [secret]"],
    ),
    "a program that is not there": (
        {"type": "Process", "id": "absent", "inputs": {"name": "absent", "command": ["no-such-program"]}},
        ["absent ended with exit status 127", "absent cannot be started: no-such-program: No such file or directory"],
    ),
    "a reference to nothing": (
        process("lost", "", environment={"URL": "http://$(HOTS)/"}),
        ["variable URL refers to $(HOTS), which there is not"],
    ),
    "a folder outside": (process("outside", "", workdir="../.."), ["workdir ../.. leads out of the checkout"]),
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_does_not_get_ready_says_why_and_does_not_go_on(stack: Stack, case: str) -> None:
    resource, words = FAILURES[case]
    stack.declare([resource])
    run = stack.up()
    assert run.code != 0
    assert [word for word in words if word not in run.text] == [], run.text
    assert OTHER_PASSWORD not in run.text
    assert "Traceback" not in run.text
    assert "please report" not in run.text
    assert resource["id"] not in [item.name for item in stack.runtime.status()]


def test_the_next_up_carries_on_once_the_cause_is_gone(stack: Stack) -> None:
    stack.declare([process("mended", "raise SystemExit(3)")])
    assert stack.up().code != 0
    stack.must_up(process("mended", "import time; time.sleep(1000)"))
    assert stack.pid("mended")


def test_what_a_killed_deployable_has_started_does_not_hold_its_port(stack: Stack) -> None:
    listen = f"import socket; s = socket.create_server(('127.0.0.1', {PORT + 1})); s.set_inheritable(True)"
    code = f"{listen}\nimport subprocess, time; subprocess.Popen(['sleep', '1000'], close_fds=False); time.sleep(1000)"
    stack.must_up(process("heir", code, port=None))
    first = stack.pid("heir")
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: [item.state for item in stack.runtime.status() if item.pid != first] == ["RUNNING"])


def test_a_removed_deployable_ends_with_all_that_it_has_started(stack: Stack) -> None:
    code = "import subprocess, time; subprocess.Popen(['sleep', '1000']); time.sleep(1000)"
    stack.must_up(process("parent", code), process("other", "import time; time.sleep(1000)"))
    alive = [item for item in stack.processes() if "sleep(1000)" in " ".join(item.cmdline()) or item.name() == "sleep"]
    gone = [item for item in alive if item.pid == stack.pid("parent") or item.ppid() == stack.pid("parent")]
    assert len(gone) == 2
    stack.must_up(process("other", "import time; time.sleep(1000)"))
    assert living(gone) == []
    assert [item.name for item in stack.runtime.status()] == ["other"]
    assert stack.runtime.stop() == 1
    assert STACK in str(stack.place)
