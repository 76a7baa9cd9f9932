"""What the words and codes of a server mean: yes, no, or neither."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from plat.plan.model import SecretRef
from plat.verify import run
from plat.verify.model import Cell, Door, Get, Key, Outcome
from plat.verify.probes import try_cells
from plat.verify.probes.base import NoAnswerError, let_in, refused, try_keys, unclear
from plat.verify.probes.http import _judge as judge_http
from plat.verify.probes.postgresql import _judge as judge_postgresql

CONNECTION = 'connection failed: connection to server at "127.0.0.1", port 1 failed: '
POSTGRESQL = {
    "a wrong password": (
        'FATAL:  password authentication failed for user "billing"',
        refused('password authentication failed for user "billing"'),
    ),
    "no password": ("fe_sendauth: no password supplied", refused("no password supplied")),
    "no right to connect": (
        'FATAL:  permission denied for database "support"\nDETAIL:  User does not have CONNECT privilege.',
        refused('permission denied for database "support"'),
    ),
    "no line in pg_hba.conf": (
        'FATAL:  no pg_hba.conf entry for host "127.0.0.1", user "a", database "b", no encryption',
        refused('no pg_hba.conf entry for host "127.0.0.1", user "a", database "b", no encryption'),
    ),
    "a database that is not there": (
        'FATAL:  database "billing" does not exist',
        unclear('database "billing" does not exist'),
    ),
    "a server that is starting": (
        "FATAL:  the database system is starting up",
        unclear("the database system is starting up"),
    ),
    "too many guests": ("FATAL:  sorry, too many clients already", unclear("sorry, too many clients already")),
}
HTTP = {
    "success": (httpx.Response(200), False, let_in("200 OK")),
    "an operation that wants another method": (httpx.Response(405), False, let_in("405 Method Not Allowed")),
    "an operation that wants more": (httpx.Response(400, json={"error": "no id"}), False, let_in("400 no id")),
    "an operation that is not built": (httpx.Response(501), False, let_in("501 Not Implemented")),
    "no credentials": (httpx.Response(401, json={"error": "who?"}), False, refused("401 who?")),
    "no relation": (httpx.Response(403, json={"detail": "not you"}), False, refused("403 not you")),
    "nothing there": (httpx.Response(404, text="nothing"), False, unclear("404 Not Found")),
    "a failure": (httpx.Response(503, json=["down"]), False, unclear("503 Service Unavailable")),
    "the broker's interface opens": (httpx.Response(200, json=[]), True, let_in("200 OK")),
    "the broker's interface says why": (
        httpx.Response(401, json={"error": "not_authorised", "reason": "Not management user"}),
        True,
        refused("401 Not management user"),
    ),
    "the broker's interface is elsewhere": (httpx.Response(405), True, unclear("405 Method Not Allowed")),
}
DOOR = Door("a", "operations", "GetUser", "127.0.0.1", 9, Get("/GetUser"))


@pytest.mark.parametrize(("said", "outcome"), POSTGRESQL.values(), ids=POSTGRESQL.keys())
def test_what_postgresql_means(said: str, outcome: Outcome) -> None:
    assert judge_postgresql(CONNECTION + said) == outcome


@pytest.mark.parametrize("said", ["Connection refused\n\tIs the server running?", "timeout expired", "Connection timed out"])
def test_a_postgresql_that_is_not_there_gives_no_answer(said: str) -> None:
    with pytest.raises(NoAnswerError) as caught:
        judge_postgresql(CONNECTION + said)

    assert str(caught.value) == said.splitlines()[0]


@pytest.mark.parametrize(("answer", "api", "outcome"), HTTP.values(), ids=HTTP.keys())
def test_what_a_status_means(answer: httpx.Response, api: bool, outcome: Outcome) -> None:  # noqa: FBT001 - a case's setting
    assert judge_http(answer, Get("/x", api=api)) == outcome


KEYS = {
    "any key that opens is enough": ("no yes ?", let_in("yes")),
    "what is unclear counts before what is refused": ("no ? no", unclear("?")),
    "of refusals the first is told": ("no no", refused("no 0")),
}


@pytest.mark.parametrize(("answers", "outcome"), KEYS.values(), ids=KEYS.keys())
def test_several_keys_give_one_outcome(answers: str, outcome: Outcome) -> None:
    given = answers.split()
    keys = tuple(Key(str(position)) for position in range(len(given)))

    def tried(key: Key) -> Outcome:
        answer = given[int(str(key.user))]
        return {"yes": let_in("yes"), "?": unclear("?"), "no": refused(f"no {key.user}")}[answer]

    assert try_keys(Cell("a", DOOR, keys, allowed=False, why=""), tried) == outcome


def test_a_server_that_gives_no_answer_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(cell: Cell, *_: object) -> Outcome:
        asked.append(cell.principal)
        message = "timed out"
        raise NoAnswerError(message)

    monkeypatch.setattr("plat.verify.probes.http.try_cell", ask)
    cells = [Cell(name, DOOR, (Key(),), allowed=True, why="") for name in ("a", "b")]

    assert list(try_cells(cells, {})) == [unclear("no answer: timed out")] * 2
    assert asked == ["a"]


@pytest.mark.parametrize(("answered", "allowed"), [(True, True), (False, None)])
@pytest.mark.parametrize("failures", [1, 2])
def test_a_server_whose_name_got_no_answer_is_tried_again_once_there_is_one(
    monkeypatch: pytest.MonkeyPatch, failures: int, *, answered: bool, allowed: bool | None
) -> None:
    asked: list[str] = []
    lost = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    def look_up(*_: object) -> None:
        asked.append("name")
        if not answered or asked.count("name") == 1:
            raise lost

    def ask(*_: object) -> Outcome:
        asked.append("server")
        if asked.count("server") <= failures:
            raise NoAnswerError(str(lost))
        return let_in("200 OK")

    monkeypatch.setattr("plat.verify.run._UNTIL_NAMED", 0 if not answered else 60)
    monkeypatch.setattr("socket.getaddrinfo", look_up)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr("plat.verify.probes.http.try_cell", ask)
    with ThreadPoolExecutor(1) as pool:
        (found,) = run.attempt([Cell("a", DOOR, (Key(),), allowed=True, why="")], {}, pool)

    assert found.allowed is allowed
    assert asked.count("server") == (failures + 1 if answered else 1)


def test_a_secret_that_is_missing_is_told_and_hinders_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httpx.Client.get", lambda *_: httpx.Response(200))
    missing = Cell("a", DOOR, (Key("a", SecretRef("route/a/b")),), allowed=True, why="")
    fine = Cell("b", DOOR, (Key(),), allowed=True, why="")

    assert list(try_cells([missing, fine], {})) == [
        unclear("the secret `route/a/b` is not in the stack's outputs: the last update has not made it"),
        let_in("200 OK"),
    ]
