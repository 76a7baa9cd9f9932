"""A real MariaDB: what comes up, stays up and comes back, who gets in, and what is mended when it was changed by hand."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pymysql
import pytest
from pydantic.alias_generators import to_camel

from plat.home import service_user
from tests.integration.local.harness import (
    OTHER_PASSWORD,
    PASSWORD,
    Resource,
    Stack,
    errors,
    listener,
    living,
    server,
    small_disk,
)

LASTING, FLEETING = 31510, 31511
ADMIN = {"admin_user": "plat_admin", "admin_password": PASSWORD, "port": LASTING}
SERVERS = (server("mysql", LASTING), server("mysql", FLEETING, durability="ephemeral"))
THIRD_PASSWORD = "canary-a0c2-third"


def database(name: str = "sales_eu", **inputs: object) -> Resource:
    given = {**ADMIN, "database": name, **inputs}
    return {"type": "MySQLDatabase", "id": name, "after": ["mysql-31510"], "inputs": given}


def account(user: str = "sales-eu", own: str = "sales_eu", **inputs: object) -> Resource:
    given = {**ADMIN, "user": user, "password": OTHER_PASSWORD, "database": own, **inputs}
    return {"type": "MySQLUser", "id": f"{user}-account", "after": [own], "inputs": given}


DECLARED = (*SERVERS, database(), account())


@pytest.fixture(scope="module")
def stack(new_stack: Callable[[], Stack]) -> Stack:
    stack = new_stack()
    stack.declare(DECLARED)
    return stack


@pytest.fixture
def running(stack: Stack) -> Stack:
    """The stack, up as declared."""
    stack.must_up(*DECLARED)
    return stack


def sql(
    statement: str, user: str = "plat_admin", password: str | None = None, name: str | None = None, port: int = LASTING
) -> list[tuple[object, ...]]:
    secret = password if password is not None else PASSWORD if user == "plat_admin" else OTHER_PASSWORD
    connection = pymysql.connect(
        host="127.0.0.1", port=port, password=secret, database=name, autocommit=True, ssl_disabled=True, defer_connect=True
    )
    connection.user = user  # said only now: `connect` would take no name for that of whoever runs it
    connection.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def as_owner(statement: str, name: str | None = "sales_eu") -> list[tuple[object, ...]]:
    return sql(statement, "sales-eu", name=name)


def refused(words: str) -> pytest.RaisesExc[pymysql.MySQLError]:
    return pytest.raises(pymysql.MySQLError, match=words)


def test_a_preview_makes_nothing(stack: Stack) -> None:
    preview = stack.pulumi("preview")
    assert (preview.code, preview.summary) == (0, {"create": 6}), preview.text
    assert not stack.home.exists()


def test_the_first_up_makes_everything_and_the_second_changes_nothing(stack: Stack) -> None:
    assert stack.must_up().summary == {"created": 6}
    assert [(item.name, item.state) for item in stack.runtime.status()] == [
        ("mysql-31510", "RUNNING"),
        ("mysql-31511", "RUNNING"),
    ]
    assert stack.must_up().summary == {"unchanged": 6}
    assert stack.refresh().summary == {"unchanged": 6}


def test_outputs_tell_what_runs_and_where_its_data_lies(running: Stack) -> None:
    outputs = running.outputs("mysql-31510")
    assert (outputs["running"], outputs["dataDirectory"]) == (True, "data/mysql-31510")
    assert sql("SELECT VERSION()")[0][0].startswith(outputs["serverVersion"] + "-MariaDB")  # type: ignore[attr-defined]


def test_it_listens_on_its_loopback_port_alone_and_on_no_socket_and_runs_as_the_service_user(running: Stack) -> None:
    service = service_user()
    servers = [item for item in running.processes() if item.name() == "mariadbd"]
    assert {item.uids().real for item in servers} == {service.pw_uid if service else os.geteuid()}
    listening = [link.laddr for item in servers for link in item.net_connections("inet") if link.status == "LISTEN"]
    assert sorted((place.ip, place.port) for place in listening) == [("127.0.0.1", LASTING), ("127.0.0.1", FLEETING)]
    assert [link for item in servers for link in item.net_connections("unix") if link.status == "LISTEN" or link.laddr] == []


def test_each_has_a_folder_of_its_own_for_temporary_tables(running: Stack) -> None:
    # A server that starts removes all that it finds there: in a shared folder those of a server that is being made.
    servers = {item.net_connections("inet")[0].laddr.port: item for item in running.processes() if item.name() == "mariadbd"}
    folders = {
        port: (Path(item.cwd()) / str(sql("SELECT @@tmpdir", port=port)[0][0])).resolve() for port, item in servers.items()
    }
    data = running.place / "data"
    assert folders == {port: (data / f"mysql-{port}" / "tmp").resolve() for port in (LASTING, FLEETING)}
    assert all(folder.is_dir() for folder in folders.values())


def test_there_is_nobody_but_the_administrator_and_those_that_are_declared(running: Stack) -> None:
    assert sql(
        "SELECT User, Host FROM mysql.global_priv WHERE JSON_VALUE(Priv, '$.account_locked') IS NULL ORDER BY User"
    ) == [
        ("plat_admin", "127.0.0.0/255.0.0.0"),
        ("sales-eu", "127.0.0.0/255.0.0.0"),
    ]
    assert sql("SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'test'") == []
    for user in ("", "root", "mysql", "plat_admin", "sales-eu"):
        with refused("Access denied"):
            sql("SELECT 1", user, "")
    assert running.must_up().summary == {"unchanged": 6}


def test_a_password_stands_nowhere_in_plain_text(running: Stack) -> None:
    processes = subprocess.run(["ps", "auxwwe"], capture_output=True, text=True, check=True).stdout
    state, shown = running.pulumi("stack", "export").text, running.pulumi("up", "--yes", "--diff").text
    for password in (PASSWORD, OTHER_PASSWORD):
        assert password not in processes
        assert password not in state
        assert password not in shown
        assert running.files_with(password) == []


def test_the_owner_of_a_database_may_do_everything_in_it(running: Stack) -> None:
    for statement in (
        "CREATE OR REPLACE TABLE orders (id int PRIMARY KEY)",
        "INSERT INTO orders VALUES (42)",
        "CREATE OR REPLACE VIEW seen AS SELECT id FROM orders",
        "CREATE OR REPLACE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.id = NEW.id",
        "CREATE OR REPLACE FUNCTION one() RETURNS int RETURN 1",
        "CREATE TEMPORARY TABLE passing (id int)",
        "ALTER TABLE orders ADD COLUMN note text",
    ):
        as_owner(statement)
    assert as_owner("SELECT id, one() FROM seen") == [(42, 1)]
    as_owner("DROP TABLE orders")
    assert running.must_up().summary == {"unchanged": 6}


FOREIGN = {
    "the server's own tables": "SELECT * FROM mysql.global_priv",
    "the server's own database": "USE mysql",
    "the server's diagnoses": "SELECT * FROM sys.version",
    "another database": "CREATE TABLE sales_us.t (id int)",
    "a database whose name a pattern would match": "USE salesXeu",
    "a new database": "CREATE DATABASE more",
    "a new account": "CREATE USER friend",
    "giving rights away": "GRANT SELECT ON sales_eu.* TO plat_admin@`127.0.0.0/255.0.0.0`",
    "taking rights": "GRANT ALL ON *.* TO CURRENT_USER",
    "settings": "SET GLOBAL max_connections = 5",
    "files out": "SELECT 1 INTO OUTFILE '/tmp/plat-test-mysql'",
    "files in": "LOAD DATA INFILE '/etc/passwd' INTO TABLE sales_eu.words",
    "programs": "CREATE FUNCTION f RETURNS int SONAME 'f.so'",
    "plugins": "INSTALL SONAME 'server_audit'",
    "other servers": "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1')",
    "acting as another": "CREATE DEFINER=plat_admin@`127.0.0.0/255.0.0.0` VIEW sales_eu.v AS SELECT 1",
    "stopping the server": "SHUTDOWN",
    "the server's state": "SHOW ENGINE INNODB STATUS",
    "replication": "SHOW MASTER STATUS",
}


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.usefixtures("running")
def test_the_owner_of_a_database_may_do_nothing_outside_of_it(what: str) -> None:
    sql("CREATE DATABASE IF NOT EXISTS sales_us")
    sql("CREATE DATABASE IF NOT EXISTS salesXeu")
    as_owner("CREATE TABLE IF NOT EXISTS words (word text)")
    with refused("[Dd]enied|need"):
        as_owner(FOREIGN[what], None)


@pytest.mark.usefixtures("running")
def test_the_owner_of_a_database_sees_no_other_one_and_no_other_session() -> None:
    assert as_owner("SELECT schema_name FROM information_schema.schemata ORDER BY 1") == [
        ("information_schema",),
        ("sales_eu",),
    ]
    assert as_owner("SELECT DISTINCT user FROM information_schema.processlist") == [("sales-eu",)]
    assert as_owner("SELECT load_file('/etc/hostname')") == [(None,)]


BY_HAND: dict[str, tuple[str, str]] = {
    "rights on everything": ("GRANT SELECT ON *.* TO `sales-eu`@`127.0.0.0/255.0.0.0`", "GRANT SELECT ON *.*"),
    "rights on another database": ("GRANT SELECT ON sales_us.* TO `sales-eu`@`127.0.0.0/255.0.0.0`", "`sales_us`"),
    "rights on a table": ("GRANT SELECT ON mysql.db TO `sales-eu`@`127.0.0.0/255.0.0.0`", "`mysql`.`db`"),
    "rights to give away": (
        "GRANT ALL ON `sales\\_eu`.* TO `sales-eu`@`127.0.0.0/255.0.0.0` WITH GRANT OPTION",
        "WITH GRANT OPTION",
    ),
    "fewer rights": ("REVOKE DELETE ON `sales\\_eu`.* FROM `sales-eu`@`127.0.0.0/255.0.0.0`", "grants: GRANT"),
    "a role": ("GRANT helper TO `sales-eu`@`127.0.0.0/255.0.0.0`", "GRANT `helper`"),
    "a lock": ("ALTER USER `sales-eu`@`127.0.0.0/255.0.0.0` ACCOUNT LOCK", "ACCOUNT LOCK"),
    "another password": ("SET PASSWORD FOR `sales-eu`@`127.0.0.0/255.0.0.0` = PASSWORD('another-one')", "another password"),
    "no password": ("SET PASSWORD FOR `sales-eu`@`127.0.0.0/255.0.0.0` = ''", "another password"),
    "an account from anywhere": ("CREATE USER `sales-eu`@`%`", "logs in from: %, 127.0.0.0/255.0.0.0"),
    "no account": ("DROP USER `sales-eu`@`127.0.0.0/255.0.0.0`", "the account is not there"),
    "nobody's account": ("CREATE USER ''@`%`", "anybody may log in from % without a name"),
    "rights of everybody": ("GRANT SELECT ON sales_eu.* TO PUBLIC", "everybody has: GRANT SELECT ON `sales_eu`.* TO PUBLIC"),
    "no database": ("DROP DATABASE sales_eu", "the database is not there"),
}


@pytest.mark.parametrize("what", BY_HAND)
def test_what_was_changed_by_hand_is_named_and_mended(running: Stack, what: str) -> None:
    statement, named = BY_HAND[what]
    sql("CREATE ROLE IF NOT EXISTS helper")
    sql("CREATE DATABASE IF NOT EXISTS sales_us")
    sql(statement)
    preview = running.pulumi("preview")
    assert preview.summary == {"update": 1, "unchanged": 5}, preview.text
    assert named in preview.text
    assert running.must_up().summary == {"updated": 1, "unchanged": 5}
    assert running.must_up().summary == {"unchanged": 6}
    assert as_owner("SELECT 1") == [(1,)]
    with refused("denied"):
        as_owner("SELECT * FROM mysql.db", None)
    with refused("Access denied"):
        sql("SELECT 1", "", "")


def test_what_its_owner_changed_of_its_own_account_is_seen_by_a_refresh_and_mended_too(running: Stack) -> None:
    as_owner("SET PASSWORD = PASSWORD('one-of-my-own')")
    refreshed = running.refresh()
    assert refreshed.summary == {"updated": 1, "unchanged": 5}, refreshed.text
    assert running.outputs("sales-eu-account")["drift"] == ["another password"]
    assert running.must_up().summary == {"updated": 1, "unchanged": 5}
    assert as_owner("SELECT 1") == [(1,)]


def test_a_killed_server_comes_back_with_its_data(running: Stack) -> None:
    as_owner("CREATE OR REPLACE TABLE kept (id int)")
    as_owner("INSERT INTO kept VALUES (7)")
    os.kill(running.pid("mysql-31510"), signal.SIGKILL)
    refreshed = running.refresh()
    assert "running: true => false" in refreshed.text or "restartedAt" in refreshed.text
    running.must_up()
    assert as_owner("SELECT id FROM kept") == [(7,)]


def test_stop_leaves_no_process_and_the_next_up_has_all_that_was_there(running: Stack) -> None:
    as_owner("CREATE OR REPLACE TABLE kept (id int)")
    sql("CREATE DATABASE IF NOT EXISTS fleeting", port=FLEETING)
    alive = running.processes()
    assert running.runtime.stop() == 2
    assert living(alive) == []
    refreshed = running.refresh()
    assert "could not be looked at" in refreshed.text
    running.must_up()
    assert as_owner("SELECT count(*) FROM kept") == [(0,)]
    assert ("fleeting",) in sql("SHOW DATABASES", port=FLEETING)
    assert running.must_up().summary == {"unchanged": 6}


def test_a_changed_password_opens_and_the_old_one_no_longer_does(running: Stack) -> None:
    before = running.pid("mysql-31510")
    changed = {"admin_password": THIRD_PASSWORD}
    running.must_up(
        server("mysql", LASTING, **changed), SERVERS[1], database(**changed), account(password=THIRD_PASSWORD, **changed)
    )
    assert running.pid("mysql-31510") == before
    for user in ("plat_admin", "sales-eu"):
        assert sql("SELECT 1", user, THIRD_PASSWORD) == [(1,)]
        with refused("Access denied"):
            sql("SELECT 1", user)


def test_a_lost_state_loses_no_data_and_another_password_is_set_anew(running: Stack) -> None:
    as_owner("CREATE OR REPLACE TABLE found_again (id int)")
    assert running.pulumi("stack", "rm", "shop.test", "--force", "--yes").code == 0
    assert running.pulumi("stack", "init", "shop.test").code == 0
    changed = {"admin_password": THIRD_PASSWORD}
    running.must_up(server("mysql", LASTING, **changed), SERVERS[1], database(**changed), account(**changed))
    assert as_owner("SELECT count(*) FROM found_again") == [(0,)]
    assert sql("SELECT 1", password=THIRD_PASSWORD) == [(1,)]


def test_a_changed_setting_restarts_the_server_with_its_data(running: Stack) -> None:
    as_owner("CREATE OR REPLACE TABLE settled (id int)")
    running.must_up(server("mysql", LASTING, settings={"max-statement-time": "7"}), *DECLARED[1:])
    assert sql("SELECT @@global.max_statement_time") == [(7.0,)]
    assert as_owner("SELECT count(*) FROM settled") == [(0,)]


REFUSALS: dict[str, tuple[dict[str, object], str]] = {
    "another kind": ({"kind": "postgresql"}, "kind: cannot change from mysql to postgresql: no server can read another"),
    "an address for all": ({"settings": {"bind-address": "*"}}, "setting bind-address of mysql-31510 is decided by Plat"),
    "an abbreviation": ({"settings": {"bind_addr": "*"}}, "setting bind_addr of mysql-31510 is decided by Plat"),
    "no accounts": ({"settings": {"skip-grant-tables": "1"}}, "setting skip-grant-tables of mysql-31510 is decided by Plat"),
    "no accounts, loosely": ({"settings": {"loose-skip-grant": "1"}}, "setting loose-skip-grant of mysql-31510 is decided"),
    "a line break": ({"settings": {"max-connections": "1\nport=1"}}, "is not written as its server writes settings"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_would_lose_or_open_data_is_refused_before_anything_changes(running: Stack, case: str) -> None:
    changed, message = REFUSALS[case]
    before = {to_camel(name): value for name, value in SERVERS[0]["inputs"].items()}
    assert message in "; ".join(running.check("Server", before, {**before, **changed}))


@pytest.mark.parametrize(
    ("kind", "changed", "message"),
    [
        ("MySQLDatabase", {"database": "mysql"}, "`mysql` is the server's own"),
        ("MySQLUser", {"database": "sys"}, "`sys` is the server's own"),
        ("MySQLUser", {"user": "plat_admin"}, "`plat_admin` is the administrator's name"),
        ("MySQLUser", {"user": "a`b"}, "user: String should match pattern"),
        ("MySQLDatabase", {"database": "sales%"}, "database: String should match pattern"),
    ],
)
def test_what_belongs_to_the_server_is_nobodys(running: Stack, kind: str, changed: dict[str, str], message: str) -> None:
    given = (database() if kind == "MySQLDatabase" else account())["inputs"]
    inputs = {to_camel(name): value for name, value in given.items()}
    assert message in "; ".join(running.check(kind, {}, {**inputs, **changed}))


def test_a_removed_account_is_gone_and_its_database_stays_with_its_data(running: Stack) -> None:
    as_owner("CREATE OR REPLACE TABLE stays (id int)")
    running.must_up(*SERVERS)
    with refused("Access denied"):
        as_owner("SELECT 1")
    running.must_up(*DECLARED)
    assert as_owner("SELECT count(*) FROM stays") == [(0,)]


def test_data_of_a_newer_mariadb_are_refused(running: Stack) -> None:
    running.runtime.stop()
    mark = running.place / "data" / "mysql-31510" / "mariadb" / "mysql_upgrade_info"
    written = mark.read_text()
    try:
        mark.write_text("99.1.2-MariaDB")
        preview = running.up()
        assert preview.code != 0
        assert "mysql-31510 holds data of MariaDB 99.1.2, which" in preview.text
    finally:
        mark.write_text(written)


@pytest.fixture
def another(new_stack: Callable[..., Stack]) -> Iterator[Stack]:
    stack = new_stack()
    yield stack
    stack.runtime.stop()


def test_a_busy_port_is_named_and_the_next_up_goes_on(another: Stack) -> None:
    another.declare([server("mysql", 31514)])
    with listener(31514) as pid:
        run = another.up()
    assert run.code != 0
    assert f"port 31514 on 127.0.0.1 is in use by PID {pid}" in errors(run.text)[0]
    assert another.must_up().summary == {"created": 1, "unchanged": 2}


def test_an_interrupted_beginning_is_finished_by_the_next_up(another: Stack) -> None:
    another.declare([server("mysql", 31515)])
    another.must_up()
    another.runtime.stop()
    half = another.place / "data" / "mysql-31515" / ".initdb-left"
    (half.parent / "mariadb").rename(half)
    another.must_up()
    assert sql("SELECT 1", port=31515) == [(1,)]
    assert not half.exists()


def test_what_is_to_last_from_now_on_keeps_what_was_there(another: Stack) -> None:
    another.must_up(server("mysql", 31516, durability="ephemeral"))
    sql("CREATE DATABASE kept", port=31516)
    another.must_up(server("mysql", 31516))
    assert ("kept",) in sql("SHOW DATABASES", port=31516)
    assert sql("SELECT @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite", port=31516) == [(1, 1)]


def test_a_missing_mariadb_is_named_with_how_to_get_it(another: Stack, tmp_path: Path) -> None:
    another.more_environment["PLAT_MYSQL_BIN"] = str(tmp_path)
    another.declare([server("mysql", 31512)])
    preview = another.pulumi("preview")
    assert preview.code != 0
    what = "MariaDB is not installed: `make up LANDSCAPE=...` gets it, or `apt-get install mariadb-server-core` (looked at: "
    assert what in errors(preview.text)[0]


def test_a_full_disk_is_told_once_and_there_is_room_for_the_next_up(new_stack: Callable[..., Stack]) -> None:
    with small_disk() as (disk, grow):
        stack = new_stack()
        stack.home = disk / "home"
        try:
            stack.declare([server("mysql", 31513)])
            run = stack.up()
            assert run.code != 0
            assert "error: the disk is full (" in errors(run.text)[0], run.text
            assert "data/mysql-31513 could not be written; free some space and run this again" in errors(run.text)[0]
            grow()
            stack.must_up()
            assert sql("SELECT 1", port=31513) == [(1,)]
        finally:
            stack.end()
