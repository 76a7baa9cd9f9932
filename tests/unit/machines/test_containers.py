"""What Docker tells of containers (recorded of Docker 20.10), in the words of all targets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plat.machines.containers import parsed, status

NEVER = "0001-01-01T00:00:00Z"


def told(name: str = "sales", *, restarts: int = 0, address: str = "172.18.0.2", **state: object) -> str:
    whole = {
        "Status": "running",
        "Running": True,
        "Paused": False,
        "Restarting": False,
        "OOMKilled": False,
        "Dead": False,
        "Pid": 4711,
        "ExitCode": 0,
        "Error": "",
        "StartedAt": "2026-11-28T09:32:56.483938604Z",
        "FinishedAt": NEVER,
        **state,
    }
    networks = {"sales": {"IPAMConfig": None, "Gateway": "", "IPAddress": address, "IPPrefixLen": 16}}
    return json.dumps({"name": f"/{name}", "state": whole, "restarts": restarts, "networks": networks})


def health(status: str, *outputs: tuple[int, str]) -> dict[str, Any]:
    log = [{"Start": NEVER, "End": NEVER, "ExitCode": code, "Output": output} for code, output in outputs]
    return {"Health": {"Status": status, "FailingStreak": len(log), "Log": log}}


@pytest.mark.parametrize(
    ("text", "state", "reason"),
    [
        (told(), "RUNNING", ""),
        (told(**health("healthy", (1, "no"), (0, "ok"))), "RUNNING", ""),
        (told(**health("starting")), "STARTING", ""),
        (
            told(**health("starting", (2, ":5432 - no response\n"))),
            "STARTING",
            "not there yet: :5432 - no response",
        ),
        (told(**health("unhealthy", (1, "a\n\n  so   so \n"), (1, "not   so\nwell\n"))), "STARTING", "unhealthy: well"),
        (told(**health("unhealthy", (1, ""))), "STARTING", "unhealthy: exit code 1"),
        (
            told(Status="restarting", Restarting=True, ExitCode=7, restarts=7, address=""),
            "STARTING",
            "ended with exit code 7; started again 7 times",
        ),
        (told(Status="exited", Running=False, ExitCode=0), "STOPPED", "ended with exit code 0"),
        (told(Status="exited", Running=False, ExitCode=137), "STOPPED", "ended with exit code 137 (killed)"),
        (
            told(Status="exited", Running=False, ExitCode=137, OOMKilled=True),
            "STOPPED",
            "it wanted more memory than it may have, and was ended",
        ),
        (told(Status="created", Running=False), "STOPPED", "it was made and never started"),
        (
            told(Status="created", Running=False, ExitCode=128, Error="listen tcp4 10.0.0.2:80: bind: address already in use"),
            "STOPPED",
            "listen tcp4 10.0.0.2:80: bind: address already in use",
        ),
        (told(Status="paused", Paused=True), "STARTING", "somebody has paused it: `docker unpause` lets it go on"),
    ],
)
def test_a_state_is_told_with_its_reason(text: str, state: str, reason: str) -> None:
    (container,) = parsed(text).values()
    found = status("sales", container)
    assert (found.name, found.state, found.reason) == ("sales", state, reason)


def test_nothing_is_there_of_what_docker_does_not_know() -> None:
    assert status("sales", None).state == "STOPPED"


def test_long_words_are_cut() -> None:
    (container,) = parsed(told(Status="created", Running=False, Error="x" * 500)).values()
    assert len(status("sales", container).reason) == 160


def test_a_container_has_an_address_while_it_runs() -> None:
    found = parsed("\n".join([told("a"), told("b", Status="exited", Running=False, address=""), ""]))
    assert {name: (item.address, item.is_alive) for name, item in found.items()} == {
        "a": ("172.18.0.2", True),
        "b": ("", False),
    }


def test_whoever_is_about_to_start_again_has_no_network_to_be_in() -> None:
    (container,) = parsed(told(Status="restarting", Restarting=True, address="")).values()
    assert not container.is_alive
