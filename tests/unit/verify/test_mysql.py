"""What is tried at MariaDB servers, and what their answers mean."""

from __future__ import annotations

from pathlib import Path

import pymysql
import pytest

from plat.plan.model import Plan
from plat.project import CONTEXTS_VARIABLE, Project
from plat.verify import Cell, expectations
from plat.verify.model import Key, MySql, Outcome
from plat.verify.probes.base import NoAnswerError, refused, unclear
from plat.verify.probes.mysql import _judge

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def plan() -> Plan:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        return Project(ROOT).plan("bazaar.local")


def cell(plan: Plan, principal: str, right: str, server: str = "platform--mysql") -> Cell:
    cells = [
        item
        for item in expectations(plan)
        if (item.principal, item.door.target, item.door.right) == (principal, server, right)
    ]
    (found,) = cells
    return found


def test_an_owner_has_to_work_in_its_database_and_leaves_nothing_there(plan: Plan) -> None:
    action = cell(plan, "guests", "database guests").door.action
    assert isinstance(action, MySql)
    assert [statement.split()[0] for statement in action.statements] == ["CREATE", "INSERT", "SELECT", "DROP"]
    assert action.undo == ("DROP TABLE IF EXISTS plat_verify_probe",)


def test_for_anybody_else_coming_in_is_too_much(plan: Plan) -> None:
    found = cell(plan, "guest-book", "database guests")
    assert (found.allowed, found.door.action) == (False, MySql("guests", ("SELECT 1",)))


@pytest.mark.parametrize("right", ["database mysql", "database sys", "CREATE USER, in guests", "CREATE USER, in guest_book"])
def test_nobody_administers_the_server(plan: Plan, right: str) -> None:
    names = ("guest-book", "guests", "stalls", "(anonymous)")
    assert [cell(plan, name, right).allowed for name in names] == [False] * 4


def test_whoever_holds_nothing_tries_without_a_name_and_under_every_name_without_a_password(plan: Plan) -> None:
    assert cell(plan, "(anonymous)", "database guests").keys == (Key(), Key("guests"), Key("admin"))


ANSWERS: dict[str, tuple[int, Outcome]] = {
    "a wrong password": (1045, refused("said")),
    "another database": (1044, refused("said")),
    "another table": (1142, refused("said")),
    "no such right": (1227, refused("said")),
    "another address": (1130, refused("said")),
    "a password where none is asked for": (1698, refused("said")),
    "too many guests": (1040, unclear("said")),
    "a database that is not there": (1049, unclear("said")),
}


@pytest.mark.parametrize(("code", "outcome"), ANSWERS.values(), ids=ANSWERS.keys())
def test_what_a_number_means(code: int, outcome: Outcome) -> None:
    assert _judge(pymysql.OperationalError(code, "said")) == outcome


@pytest.mark.parametrize("code", [2003, 2006, 2013])
def test_a_server_that_is_not_there_gives_no_answer(code: int) -> None:
    with pytest.raises(NoAnswerError, match="said"):
        _judge(pymysql.OperationalError(code, "said"))
