"""The main job on the embedded default: a landscape comes up, is fenced, works, and survives what happens to it."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.integration.main_job.checkout import Checkout, changes

STACK = "order-processing.local"

pytestmark = pytest.mark.usefixtures("brought_up")


def place_order(checkout: Checkout, user: str) -> str:
    port = checkout.context("order-processing", "order-processing")["deployables"][0]["port"]
    order = {"user_id": user, "order_items": [{"sku": "A1", "quantity": 2}], "total_amount": 19.9}
    answer = httpx.post(f"http://127.0.0.1:{port}/orders", json=order, timeout=60, trust_env=False)
    assert answer.is_success, answer.text
    return str(answer.json()["order_id"])


def orders(checkout: Checkout) -> list[str]:
    query = "select order_id from orders order by order_date"
    return checkout.done("plat", "exec", "order-processing", "--", "psql", "-At", "-c", query).split()


def wait_for(checkout: Checkout, text: str, context: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if text in checkout.done("plat", "logs", context, "--tail", "500"):
            return
        time.sleep(0.5)
    pytest.fail(f"{text} did not arrive")


def test_it_ends_with_the_proof_and_a_table_that_says_how_to_connect(brought_up: str) -> None:
    assert "all as declared" in brought_up
    assert "plat exec order-processing -- psql" in brought_up
    assert "consumes order_queue (order-processing.OrderPlaced)" in brought_up
    assert "Policies:" in brought_up


def test_a_second_update_changes_nothing(checkout: Checkout) -> None:
    output = checkout.done("plat", "up", "order-processing")

    assert changes(output.rpartition("updating")[2] or output).endswith("unchanged")
    assert "created" not in changes(output)
    assert "updated" not in changes(output)


def test_an_order_placed_over_http_is_stored_and_its_message_arrives(checkout: Checkout) -> None:
    order = place_order(checkout, "42")

    assert order in orders(checkout)
    wait_for(checkout, f"notified user 42 of order {order}", "notification")


def test_status_names_everything_and_no_secret(checkout: Checkout) -> None:
    status = checkout.status("order-processing")
    text = json.dumps(status) + checkout.done("plat", "status", "order-processing")

    assert [item["context"] for item in status["contexts"]] == ["notification", "order-processing", "user-management"]
    assert {store["state"] for item in status["contexts"] for store in item["datastores"]} == {"RUNNING"}
    assert status["broker"]["state"] == "RUNNING"
    assert not [name for name, value in checkout.secrets(STACK).items() if value in text]


def test_exec_gives_exactly_the_variables_of_the_running_deployable(checkout: Checkout) -> None:
    pid = checkout.pid(STACK, "order-processing")
    running = dict(item.split("=", 1) for item in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in item)
    given = dict(
        line.split("=", 1) for line in checkout.done("plat", "exec", "order-processing", "--", "env", "-0").split("\0") if line
    )
    machine = {
        "PATH",
        "HOME",
        "LANG",
        "TZ",
        "TERM",
        "LC_ALL",
        "USER",
        "LOGNAME",
        "PYTHONPATH",
        "PYTHONSAFEPATH",
        "PYTHONUNBUFFERED",
    }

    assert {k: v for k, v in given.items() if k not in machine} == {k: v for k, v in running.items() if k not in machine}
    assert "DATABASE_URL" in given


def test_exec_of_a_misspelt_context_says_what_was_meant(checkout: Checkout) -> None:
    result = checkout.run("plat", "exec", "order-procesing", "--", "env")

    assert result.returncode == 2
    assert result.stdout == "nothing called `order-procesing` runs in order-processing: did you mean `order-processing`?\n"


def test_the_brokers_own_tools_find_it(checkout: Checkout) -> None:
    listed = checkout.done(
        "plat",
        "exec",
        "platform--rabbitmq",
        "--",
        "rabbitmqctl",
        "-q",
        "list_queues",
        "-p",
        "order-processing",
        "name",
        "durable",
    )

    assert "order_queue\ttrue" in listed


def test_no_secret_stands_in_the_state_the_logs_or_the_process_list(checkout: Checkout) -> None:
    secrets = checkout.secrets(STACK)
    state = json.dumps(checkout.state(STACK))
    runtime = (checkout.root / ".plat" / "local").resolve() / STACK
    logs = "".join(path.read_text(errors="replace") for path in (runtime / "logs").iterdir() if path.is_file())
    commands = "\n".join(" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))
    refreshed = checkout.done("pulumi", "preview", "-s", STACK, "--diff", "--refresh", "--non-interactive")

    for name, value in secrets.items():
        for where, text in {"state": state, "logs": logs, "processes": commands, "preview": refreshed}.items():
            assert value not in text, f"{name} stands in plain text in the {where}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand its servers to somebody else")
def test_nothing_runs_as_root(checkout: Checkout) -> None:
    for program in ("order-processing--postgresql", "user-management--redis", "platform--rabbitmq", "notification"):
        assert psutil.Process(checkout.pid(STACK, program)).username() == "plat", program


def test_a_preview_after_an_edit_shows_only_that_edit(checkout: Checkout) -> None:
    descriptor = checkout.root / "contexts" / "order-processing" / "notification.yaml"
    before = descriptor.read_text()
    descriptor.write_text(before.replace("    port: 8080", "    port: 8080\n    environment: {GREETING: hello}"))
    try:
        output = checkout.done("pulumi", "preview", "-s", STACK, "--non-interactive", "--policy-pack", "policies")
    finally:
        descriptor.write_text(before)

    assert changes(output) == "~ 1 to update; 49 unchanged"


def test_a_killed_server_is_seen_by_refresh_and_back_with_its_data(checkout: Checkout) -> None:
    order = place_order(checkout, "43")
    started = server(checkout, "order-processing--postgresql")["startedAt"]
    os.kill(checkout.pid(STACK, "order-processing--postgresql"), signal.SIGKILL)

    checkout.done("pulumi", "up", "-s", STACK, "--refresh", "--yes", "--non-interactive", "--policy-pack", "policies")

    assert server(checkout, "order-processing--postgresql")["startedAt"] != started
    assert order in orders(checkout)
    place_order(checkout, "44")


def test_when_everything_was_killed_a_plain_update_brings_it_back(checkout: Checkout) -> None:
    before = orders(checkout)
    for program in ("notification", "platform--rabbitmq", "user-management--redis", "order-processing--postgresql"):
        process = psutil.Process(checkout.pid(STACK, program))
        supervisor = process.parents()[0]
        process.kill()
    supervisor.kill()

    checkout.done("plat", "up", "order-processing")

    assert orders(checkout) == before
    order = place_order(checkout, "45")
    wait_for(checkout, f"of order {order}", "notification")


def test_what_older_plugins_have_made_is_taken_over_as_it_is(checkout: Checkout, tmp_path: Path) -> None:
    rows, now = orders(checkout), checkout.state(STACK)
    older = tmp_path / "older.json"
    older.write_text(json.dumps(as_made_by_older_plugins(now)), encoding="utf-8")
    checkout.done("pulumi", "stack", "import", "-s", STACK, "--file", str(older))

    checkout.done("plat", "up", "order-processing")

    after = checkout.state(STACK)
    assert plugins(after) == plugins(now) != plugins(json.loads(older.read_text(encoding="utf-8")))
    assert identities(after) == identities(now)
    assert orders(checkout) == rows


def as_made_by_older_plugins(state: dict[str, Any]) -> dict[str, Any]:
    """The same state as the first releases of the same plugins would have left it."""
    text = json.dumps(state)
    for _, version in plugins(state):
        older = f"{version.partition('.')[0]}.0.0"
        # A plugin's own provider is called by its version, too.
        text = text.replace(f'"{version}"', f'"{older}"').replace(
            f"::default_{version.replace('.', '_')}", f"::default_{older.replace('.', '_')}"
        )
    found: dict[str, Any] = json.loads(text)
    return found


def plugins(state: dict[str, Any]) -> set[tuple[str, str]]:
    """The versions of all plugins that have one, each with the type of its providers."""
    providers = (item for item in state["deployment"]["resources"] if item["type"].startswith("pulumi:providers:"))
    return {(item["type"], item["inputs"]["version"]) for item in providers if "version" in item["inputs"]}


def identities(state: dict[str, Any]) -> dict[str, str]:
    """By its URN what a resource is called where it lives; one that was replaced is called differently, or is another one."""
    resources = (item for item in state["deployment"]["resources"] if not item["type"].startswith("pulumi:providers:"))
    return {item["urn"]: item.get("id", "") for item in resources}


def test_down_stops_every_process_and_keeps_the_data(checkout: Checkout) -> None:
    before = orders(checkout)
    checkout.done("plat", "down", "order-processing")
    runtime = str((checkout.root / ".plat" / "local").resolve())
    left = [
        process.info["cmdline"]
        for process in psutil.process_iter(["cmdline"])
        if runtime in " ".join(process.info["cmdline"] or ())
    ]

    assert left == []
    checkout.done("plat", "up", "order-processing")
    assert orders(checkout) == before


def test_a_right_granted_by_hand_makes_verify_fail_and_names_the_cell(checkout: Checkout) -> None:
    rabbitmqctl = ("plat", "exec", "platform--rabbitmq", "--", "rabbitmqctl", "-q")
    grant = ("set_permissions", "-p", "order-processing", "order-processing")
    checkout.done(*rabbitmqctl, *grant, "^$", r"^(?:order\-processing\.events)$", "^order_queue$")
    result = checkout.run("plat", "verify", "order-processing", "--format", "json")
    checkout.done("pulumi", "up", "-s", STACK, "--refresh", "--yes", "--non-interactive", "--policy-pack", "policies")

    assert result.returncode == 1
    differing = [cell for cell in json.loads(result.stdout)["results"] if cell["differs"]]
    assert [(cell["principal"], cell["target"], cell["right"]) for cell in differing] == [
        ("order-processing", "order_queue", "consume")
    ]
    assert checkout.run("plat", "verify", "order-processing").returncode == 0


def test_plain_destroy_refuses_and_deletes_no_data(checkout: Checkout) -> None:
    before = orders(checkout)
    result = checkout.run("pulumi", "destroy", "-s", STACK, "--yes", "--non-interactive")

    assert result.returncode != 0
    assert "cannot be deleted" in result.stdout
    assert "because it is protected" in result.stdout
    assert orders(checkout) == before


def test_a_context_whose_data_would_be_lost_is_not_removed(checkout: Checkout) -> None:
    descriptor = checkout.root / "contexts" / "order-processing" / "user-management.yaml"
    aside = checkout.root / "aside"
    descriptor.rename(aside)
    try:
        result = checkout.run("plat", "up", "order-processing")
    finally:
        aside.rename(descriptor)

    assert result.returncode == 1
    assert "this would have lost data: user-management--redis. Nothing was deleted." in result.stdout


def test_destroy_keeps_the_data_and_the_next_update_finds_it(checkout: Checkout) -> None:
    before = orders(checkout)
    checkout.done("plat", "destroy", "order-processing")
    checkout.done("plat", "up", "order-processing")

    assert orders(checkout) == before


def server(checkout: Checkout, name: str) -> dict[str, object]:
    resources = checkout.state(STACK)["deployment"]["resources"]
    found: dict[str, object] = next(
        item["outputs"] for item in resources if item["type"] == "platlocal:index:Server" and item["urn"].endswith(f"::{name}")
    )
    return found
