from __future__ import annotations

import dataclasses

import pytest

from plat.audit.live.mysql import Account, Accounts, Grant, findings, grant_of
from plat.findings import Finding
from policies.ground import Ground
from tests.unit.audit.conftest import plan_of

SERVER = "platform--mysql"
NOTHING = Grant("USAGE", "*.*")


@pytest.fixture(scope="module")
def bazaar() -> Ground:
    return Ground.of(plan_of("bazaar.local"))


def own(name: str, *more: Grant) -> Account:
    escaped = name.replace("_", "\\_")
    return Account(name, "127.0.0.1", (NOTHING, Grant("ALL PRIVILEGES", f"`{escaped}`.*"), *more))


SOUND = Accounts(
    (
        Account("admin", "127.0.0.1", (Grant("ALL PRIVILEGES", "*.*", passes_on=True),)),
        own("guest_book"),
        own("guests"),
        Account("mariadb.sys", "localhost"),
    ),
    ("guest_book", "guests", "information_schema", "mysql", "performance_schema", "sys"),
)


def found(bazaar: Ground, *accounts: Account, databases: tuple[str, ...] = SOUND.databases) -> list[Finding]:
    replaced = {account.user: account for account in SOUND.accounts} | {account.user: account for account in accounts}
    return list(findings(Accounts(tuple(replaced.values()), databases), bazaar.servers[SERVER], bazaar))


def test_what_plat_makes_is_not_reported(bazaar: Ground) -> None:
    assert found(bazaar) == []


@pytest.mark.parametrize(
    ("line", "grant"),
    [
        ("GRANT USAGE ON *.* TO `a`@`h` IDENTIFIED BY PASSWORD '*AB'", Grant("USAGE", "*.*")),
        ("GRANT ALL PRIVILEGES ON `a\\_b`.* TO `a`@`h`", Grant("ALL PRIVILEGES", "`a\\_b`.*")),
        (
            "GRANT SELECT (`x`, `y`) ON `d`.`t` TO `a`@`h` WITH GRANT OPTION",
            Grant("SELECT (`x`, `y`)", "`d`.`t`", passes_on=True),
        ),
        ("GRANT `role` TO `a`@`h`", Grant("`role`")),
        ("SET DEFAULT ROLE `role` FOR `a`@`h`", None),
    ],
)
def test_what_a_server_says_of_a_right_is_read_without_what_proves_an_account(line: str, grant: Grant | None) -> None:
    assert grant_of(line) == grant


@pytest.mark.parametrize(
    ("grant", "rule", "statement"),
    [
        (Grant("SELECT", "`guests`.`visits`"), "datastore-ownership", "REVOKE SELECT ON `guests`.`visits` FROM"),
        (Grant("SUPER", "*.*"), "datastore-ownership", "REVOKE SUPER ON *.* FROM"),
        (Grant("`dba`"), "right-beyond-plan", "REVOKE `dba` FROM"),
        (
            Grant("ALL PRIVILEGES", "`guest\\_book`.*", passes_on=True),
            "right-beyond-plan",
            "REVOKE ALL PRIVILEGES ON `guest\\_book`.* FROM",
        ),
        (Grant("ALL PRIVILEGES", "`gu%`.*"), "right-beyond-plan", "REVOKE ALL PRIVILEGES ON `gu%`.* FROM"),
    ],
)
def test_a_right_beside_those_on_ones_own_database_is_found(bazaar: Ground, grant: Grant, rule: str, statement: str) -> None:
    (finding,) = found(bazaar, own("guest_book", grant))

    assert finding.rule == rule
    assert finding.hint == f"as `admin` of platform--mysql: {statement} `guest_book`@`127.0.0.1`"


def test_accounts_roles_and_databases_of_nobody_are_found(bazaar: Ground) -> None:
    foreign = (Account("mallory", "%", (NOTHING,)), Account("dba", "", role=True))
    hints = [item.hint for item in found(bazaar, *foreign, databases=(*SOUND.databases, "test"))]

    assert hints == [
        "as `admin` of platform--mysql: DROP USER `mallory`@`%`",
        "as `admin` of platform--mysql: DROP ROLE `dba`",
        "as `admin` of platform--mysql: DROP DATABASE `test`, once nobody needs what is in it",
    ]


def test_what_is_missing_is_found(bazaar: Ground) -> None:
    bare = dataclasses.replace(SOUND, accounts=(Account("guests", "127.0.0.1", (NOTHING,)),), databases=("guests",))

    assert [item.subject for item in findings(bare, bazaar.servers[SERVER], bazaar)] == [
        "database `guest_book`",
        "account `guest_book`",
        "the right of `guests` to database `guests`",
    ]
