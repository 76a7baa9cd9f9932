"""Real servers, kept by supervisord: what comes up, stays up, comes back, and with which data."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable

import psycopg
import pytest
import redis
from pydantic.alias_generators import to_camel

from plat.home import service_user
from tests.integration.local.harness import OTHER_PASSWORD, PASSWORD, Stack, living, server, wait_for

POSTGRES, LASTING, FLEETING = 31501, 31502, 31503
SERVERS = (
    server("postgresql", POSTGRES, version="16", labels={"team": "orders-team"}),
    server("redis", LASTING),
    server("redis", FLEETING, durability="ephemeral"),
)
NAMES = ["postgresql-31501", "redis-31502", "redis-31503"]


@pytest.fixture(scope="module")
def stack(new_stack: Callable[[], Stack]) -> Stack:
    stack = new_stack()
    stack.declare(SERVERS)
    return stack


@pytest.fixture
def running(stack: Stack) -> Stack:
    """The stack, up as declared."""
    stack.must_up(*SERVERS)
    return stack


def sql(statement: str, password: str = PASSWORD) -> object:
    with psycopg.connect(
        host="127.0.0.1", port=POSTGRES, user="plat_admin", password=password, dbname="postgres", autocommit=True
    ) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else None


def redis_at(port: int, password: str = PASSWORD) -> redis.Redis:
    return redis.Redis(port=port, username="plat_admin", password=password, decode_responses=True)


def test_a_preview_makes_nothing(stack: Stack) -> None:
    preview = stack.pulumi("preview")
    assert (preview.code, preview.summary) == (0, {"create": 5}), preview.text
    assert not stack.home.exists()


def test_the_first_up_starts_every_server_and_the_second_changes_nothing(stack: Stack) -> None:
    assert stack.must_up().summary == {"created": 5}
    assert [(item.name, item.state) for item in stack.runtime.status()] == [(name, "RUNNING") for name in NAMES]
    assert stack.must_up().summary == {"unchanged": 5}
    assert stack.refresh().summary == {"unchanged": 5}


def test_outputs_tell_what_runs_and_where_its_data_lies(running: Stack) -> None:
    outputs = running.outputs("postgresql-31501")
    assert (outputs["running"], outputs["dataDirectory"]) == (True, "data/postgresql-31501")
    assert outputs["serverVersion"].startswith("16.")
    assert (running.place / outputs["dataDirectory"] / "cluster" / "PG_VERSION").read_text() == "16\n"


def test_nothing_runs_as_root_and_data_logs_and_specs_belong_to_the_service_user(running: Stack) -> None:
    account = service_user()
    expected = account.pw_uid if account else os.geteuid()
    processes = running.processes()
    assert len(processes) > len(NAMES)
    assert {process.uids().real for process in processes} == {expected}
    owned = [path for folder in ("data", "logs", "run") for path in (running.place / folder).glob("*")]
    owned += (running.place / "specs").glob("*.json")
    assert {path.stat().st_uid for path in owned} == {expected}
    assert {oct(path.stat().st_mode & 0o077) for path in owned} == {"0o0"}


def test_a_password_stands_nowhere_in_plain_text(running: Stack) -> None:
    assert PASSWORD not in subprocess.run(["ps", "auxwwe"], capture_output=True, text=True, check=True).stdout
    assert running.files_with(PASSWORD) == []
    assert PASSWORD not in running.pulumi("stack", "export").text
    assert PASSWORD not in running.pulumi("up", "--yes", "--diff").text


def test_refresh_sees_a_killed_server_and_its_data_is_there_when_it_is_back(running: Stack) -> None:
    sql("CREATE TABLE IF NOT EXISTS orders (id int)")
    sql("INSERT INTO orders VALUES (42)")
    before = running.outputs("postgresql-31501")["startedAt"]
    os.kill(running.pid("postgresql-31501"), signal.SIGKILL)
    refreshed = running.refresh()
    assert refreshed.summary == {"updated": 1, "unchanged": 4}, refreshed.text
    assert "running: true => false" in refreshed.text or "restartedAt" in refreshed.text
    running.must_up()
    assert running.outputs("postgresql-31501")["running"] is True
    running.refresh()
    assert running.outputs("postgresql-31501")["startedAt"] > before
    assert sql("SELECT id FROM orders") == [(42,)]


def test_without_a_refresh_too_up_brings_back_what_a_dead_supervisord_took_with_it(running: Stack) -> None:
    alive = running.processes()
    os.kill(int((running.place / "run" / "supervisord.pid").read_text()), signal.SIGKILL)
    wait_for(lambda: not living(alive))
    preview = running.pulumi("preview")
    assert preview.summary == {"update": 3, "unchanged": 2}, preview.text
    assert "postgresql-31501 is not running" in preview.text
    assert running.must_up().summary == {"updated": 3, "unchanged": 2}
    assert running.must_up().summary == {"unchanged": 5}
    assert sql("SELECT 1") == [(1,)]


def test_a_refresh_of_a_stopped_stack_keeps_every_server_in_the_state(running: Stack) -> None:
    running.runtime.stop()
    assert running.refresh().summary == {"updated": 3, "unchanged": 2}
    assert running.outputs("redis-31502")["running"] is False


def test_stop_leaves_no_process_and_the_next_up_brings_back_what_is_persistent(running: Stack) -> None:
    for port in (LASTING, FLEETING):
        redis_at(port).set("session", "7")
    sql("CREATE TABLE IF NOT EXISTS kept (id int)")
    alive = running.processes()
    assert running.runtime.stop() == 3
    assert living(alive) == []
    assert [item.state for item in running.runtime.status()] == ["STOPPED"] * 3
    running.must_up()
    assert [redis_at(port).get("session") for port in (LASTING, FLEETING)] == ["7", None]
    assert sql("SELECT count(*) FROM kept") == [(0,)]


def test_the_runtime_itself_starts_again_what_it_has_stopped(running: Stack) -> None:
    running.runtime.stop()
    running.runtime.start()
    wait_for(lambda: [item.state for item in running.runtime.status()] == ["RUNNING"] * 3)
    assert running.must_up().summary == {"unchanged": 5}


def test_only_labels_change_without_a_restart(running: Stack) -> None:
    before = running.pid("postgresql-31501")
    changed = server("postgresql", POSTGRES, version="16", labels={"team": "shipping-team"})
    assert running.must_up(changed, *SERVERS[1:]).summary == {"updated": 1, "unchanged": 4}
    assert running.pid("postgresql-31501") == before


def test_a_changed_password_opens_and_the_old_one_no_longer_does(running: Stack) -> None:
    running.must_up(
        server("postgresql", POSTGRES, version="16", admin_password=OTHER_PASSWORD),
        server("redis", LASTING, admin_password=OTHER_PASSWORD),
        SERVERS[2],
    )
    assert sql("SELECT 1", OTHER_PASSWORD) == [(1,)]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        sql("SELECT 1", PASSWORD)
    assert redis_at(LASTING, OTHER_PASSWORD).ping()
    with pytest.raises(redis.AuthenticationError):
        redis_at(LASTING, PASSWORD).ping()


@pytest.mark.usefixtures("running")
def test_nobody_gets_in_without_a_password() -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=LASTING).ping()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host="127.0.0.1", port=POSTGRES, user="postgres", dbname="postgres")


def test_a_changed_setting_restarts_the_server_with_its_data(running: Stack) -> None:
    sql("CREATE TABLE IF NOT EXISTS settled (id int)")
    running.must_up(server("postgresql", POSTGRES, version="16", settings={"work_mem": "7MB"}), *SERVERS[1:])
    assert sql("SHOW work_mem") == [("7MB",)]
    assert sql("SELECT count(*) FROM settled") == [(0,)]


REFUSALS: dict[str, tuple[dict[str, object], str]] = {
    "another kind": (
        {"kind": "redis"},
        "kind: cannot change from postgresql to redis: no server can read another kind's data",
    ),
    "another name": ({"name": "another"}, "name: cannot change from postgresql-31501 to another: it names the data directory"),
    "another administrator": (
        {"adminUser": "root"},
        "adminUser: cannot change from plat_admin to root: roles and rights hang",
    ),
    "another major version": (
        {"version": "18"},
        "holds data of PostgreSQL 16, which version 18 cannot open: keep `version: 16`",
    ),
    "an address for all": ({"settings": {"listen_addresses": "*"}}, "setting listen_addresses of postgresql-31501 is decided"),
    "a line break in a setting": ({"settings": {"work_mem": "1\nport = 1"}}, "is not written as its server writes settings"),
    "an address that is not this machine's": ({"host": "0.0.0.0"}, "host: `0.0.0.0` is no loopback or private address"),  # noqa: S104
    "a password that is too short": ({"adminPassword": "short"}, "adminPassword: String should match pattern"),
    "no port": ({"port": 0}, "port: Input should be greater than or equal to 1"),
    "ports of another kind": ({"extraPorts": {"epmd": 1}}, "extraPorts.management: Field required"),
    "something unheard of": ({"prot": 5}, "prot: Extra inputs are not permitted"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_would_lose_or_open_data_is_refused_before_anything_changes(running: Stack, case: str) -> None:
    changed, message = REFUSALS[case]
    before = {to_camel(name): value for name, value in SERVERS[0]["inputs"].items()}
    assert message in "; ".join(running.check("Server", before, {**before, **changed}))


def test_a_refusal_is_one_line_without_a_value(running: Stack) -> None:
    running.declare([server("postgresql", POSTGRES, version="16", admin_password="short"), *SERVERS[1:]])
    preview = running.pulumi("preview")
    errors = [line.strip() for line in preview.text.rpartition("Diagnostics:")[2].splitlines() if "error:" in line]
    assert preview.code != 0
    wrong = "adminPassword: String should match pattern '^[!-~]{8,200}$'"
    assert errors == [f"error: platlocal:index:Server resource 'postgresql-31501' has a problem: {wrong}"]


def test_a_lost_state_loses_no_data_and_another_password_is_set_anew(running: Stack) -> None:
    sql("CREATE TABLE IF NOT EXISTS found_again (id int)")
    assert running.pulumi("stack", "rm", "shop.test", "--force", "--yes").code == 0
    assert running.pulumi("stack", "init", "shop.test").code == 0
    running.must_up(server("postgresql", POSTGRES, version="16", admin_password=OTHER_PASSWORD), *SERVERS[1:])
    assert sql("SELECT count(*) FROM found_again", OTHER_PASSWORD) == [(0,)]


def test_a_removed_server_stops_and_its_data_stays_for_the_next(running: Stack) -> None:
    sql("CREATE TABLE IF NOT EXISTS stays (id int)")
    running.must_up(*SERVERS[1:])
    assert [item.name for item in running.runtime.status()] == NAMES[1:]
    assert (running.place / "data" / "postgresql-31501" / "cluster" / "PG_VERSION").exists()
    running.must_up(*SERVERS)
    assert sql("SELECT count(*) FROM stays") == [(0,)]


def test_destroy_leaves_no_process(running: Stack) -> None:
    alive = running.processes()
    destroyed = running.pulumi("destroy", "--yes", "--skip-preview")
    assert destroyed.code == 0, destroyed.text
    assert living(alive) == []
