from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from plat.verify import Cell, Door, Outcome, Report, Result
from plat.verify.model import Get
from plat.verify.run import tidy

DOOR = Door("user-management", "operations", "GetUser", "127.0.0.1", 1, Get("/GetUser"))
PRINCIPALS = ("order-processing", "shipping")


def _result(principal: str, right: str, *, expected: bool, allowed: bool | None, words: str) -> Result:
    door = Door(DOOR.target, DOOR.kind, right, DOOR.host, DOOR.port, DOOR.action)
    why = f"declares {'a' if expected else 'no'} use"
    return Result(Cell(principal, door, (), expected, why), Outcome(allowed, words))


AS_PLANNED = Report(
    "shop",
    "local",
    (
        _result(
            "order-processing", "GetUser", expected=False, allowed=False, words="401 caller `order-processing` is unknown"
        ),
        _result("shipping", "GetUser", expected=True, allowed=True, words="200 OK"),
        _result("order-processing", "Login", expected=True, allowed=True, words="405 no"),
        _result("shipping", "Login", expected=False, allowed=False, words="401 caller `shipping` is unknown"),
    ),
)
OTHERWISE = Report(
    "shop",
    "local",
    (
        _result("order-processing", "GetUser", expected=False, allowed=True, words="200 OK"),
        _result("shipping", "GetUser", expected=True, allowed=False, words="403 caller `shipping` declares no use"),
        _result("order-processing", "Login", expected=True, allowed=None, words="no answer: Connection refused"),
        _result("shipping", "Login", expected=True, allowed=True, words="405 no"),
    ),
)


def _text(report: Report, width: int = 100, *, verbose: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width)
    report.render(console, verbose=verbose)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_one_look_shows_what_is_open_and_what_is_shut() -> None:
    assert (
        _text(AS_PLANNED)
        == """\
shop.local: who may do what, tried with everybody's own credentials

          order-processing shipping
user-management  operations
  GetUser        ✗            ✓
  Login          ✓            ✗

4 tried: 2 open, 2 closed, all as declared.

What the servers said to who was refused (--verbose: to each):
     2x  401 caller `order-processing` is unknown
"""
    )


def test_what_differs_is_marked_and_listed_with_what_should_be_and_why() -> None:
    assert (
        _text(OTHERWISE)
        == """\
shop.local: who may do what, tried with everybody's own credentials

          order-processing shipping
user-management  operations
  GetUser       ✓ !          ✗ !
  Login         ? !           ✓

3 of 4 differ from what is declared:
  order-processing: user-management, GetUser
    should be refused (declares no use), is let in: 200 OK
  shipping: user-management, GetUser
    should be let in (declares a use), is refused: 403 caller `shipping` declares no use
  order-processing: user-management, Login
    should be let in (declares a use), is not to be told: no answer: Connection refused
"""
    )


def test_where_there_is_less_room_names_are_folded() -> None:
    assert _text(AS_PLANNED, width=30).splitlines()[2:6] == [
        "            order-",
        "          processing shipping",
        "user-management  operations",
        "  GetUser     ✗         ✓",
    ]


def test_where_there_is_no_room_letters_stand_for_names() -> None:
    assert _text(AS_PLANNED, width=20).splitlines()[2:7] == [
        "  A  order-processing",
        "  B  shipping",
        "           A   B",
        "user-management  operations",
        "  GetUser  ✗   ✓",
    ]


def test_verbose_tells_the_words_of_every_cell() -> None:
    assert _text(OTHERWISE, verbose=True).splitlines()[-4:] == [
        "✓ ! order-processing: user-management, GetUser: 200 OK",
        "✗ ! shipping: user-management, GetUser: 403 caller `shipping` declares no use",
        "? ! order-processing: user-management, Login: no answer: Connection refused",
        "✓   shipping: user-management, Login: 405 no",
    ]


def test_colours_are_for_terminals_only() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system="standard")
    OTHERWISE.render(console)
    assert isinstance(console.file, io.StringIO)

    assert "\x1b[1;37;41m" in console.file.getvalue()
    assert "\x1b" not in _text(OTHERWISE)


def test_markup_in_words_is_text() -> None:
    report = Report("shop", "local", (_result("a", "[bold]", expected=True, allowed=None, words="[/nonsense]"),))

    assert "[/nonsense]" in _text(report)


@pytest.mark.parametrize(("report", "ok"), [(AS_PLANNED, True), (OTHERWISE, False)])
def test_a_report_is_fine_when_nothing_differs(report: Report, ok: bool) -> None:  # noqa: FBT001 - a case's outcome
    assert report.ok is ok


def test_a_program_gets_every_cell() -> None:
    document = OTHERWISE.to_dict()

    assert {key: document[key] for key in ("landscape", "environment", "ok", "cells", "differing")} == {
        "landscape": "shop",
        "environment": "local",
        "ok": False,
        "cells": 4,
        "differing": 3,
    }
    assert document["results"][2] == {
        "principal": "order-processing",
        "target": "user-management",
        "kind": "operations",
        "right": "Login",
        "expected": True,
        "why": "declares a use",
        "actual": None,
        "words": "no answer: Connection refused",
        "differs": True,
    }


WORDS = {
    "a secret is blotted out": ("password secret-1 is wrong", "password *** is wrong"),
    "a secret that holds another is blotted out whole": ("secret-1-longer", "***"),
    "several lines become one": ("a\n  b\tc", "a b c"),
    "what is too long is cut": ("x" * 161, "x" * 159 + "…"),
}


@pytest.mark.parametrize(("words", "tidied"), WORDS.values(), ids=WORDS.keys())
def test_words_are_tidied_before_anybody_sees_them(words: str, tidied: str) -> None:
    secrets = {"a": "secret-1", "b": "secret-1-longer", "c": ""}

    assert _tidy(words, secrets) == tidied


_tidy: Callable[[str, dict[str, str]], str] = tidy  # type: ignore[assignment]  # names of secrets are texts
