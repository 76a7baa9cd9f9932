"""What the provider answers to the engine, without a server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from unittest.mock import Mock

import pytest
from pulumi.provider.experimental import provider as wire

from plat.home import HOME_VARIABLE, Home
from providers.common import values
from providers.common.log import EngineLog
from providers.common.provider import difference, parsed
from providers.common.values import UNKNOWN
from providers.local.inputs import ServerInputs
from providers.local.provider import LocalProvider
from providers.local.resource import with_restart

SERVER = {"name": "shop", "kind": "redis", "port": 1000, "adminUser": "boss", "adminPassword": "password-1"}


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalProvider:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return LocalProvider(Home(tmp_path), Mock(spec=EngineLog))


def refusals(provider: LocalProvider, old: object, new: object) -> list[str]:
    request = wire.CheckRequest("urn", values.from_python({"stack": old}), values.from_python({"stack": new}), b"")
    return [failure.reason for failure in asyncio.run(provider.check_config(request)).failures or []]


def test_a_stack_is_taken_and_cannot_change(provider: LocalProvider) -> None:
    assert refusals(provider, None, "shop.local") == []
    assert refusals(provider, "shop.local", "shop.local") == []
    assert refusals(provider, "shop.local", "other.local") == [
        "stack: servers and their data lie in the runtime shop.local: another one needs a provider of its own"
    ]


@pytest.mark.parametrize("stack", [None, UNKNOWN, "../shop", "", "a/b", ".hidden"])
def test_a_stack_that_names_no_folder_is_refused(provider: LocalProvider, stack: str | None) -> None:
    assert len(refusals(provider, None, stack)) == 1


def test_inputs_that_fit_are_taken() -> None:
    inputs, problems = parsed(ServerInputs, SERVER, frozenset())
    assert (isinstance(inputs, ServerInputs), problems) == (True, [])


def test_what_hangs_on_an_unknown_value_is_not_judged_yet() -> None:
    given = {**SERVER, "port": UNKNOWN}
    assert parsed(ServerInputs, given, frozenset({"port"})) == (None, [])


def test_what_is_known_is_judged_beside_what_is_not() -> None:
    given = {**SERVER, "port": UNKNOWN, "name": "Shop"}
    _, problems = parsed(ServerInputs, given, frozenset({"port"}))
    assert [problem.reason.partition(":")[0] for problem in problems] == ["name"]


def test_a_refusal_names_the_property_in_its_words_alone_so_that_the_engine_prints_no_value() -> None:
    _, problems = parsed(ServerInputs, {**SERVER, "adminPassword": "canary"}, frozenset())
    assert [problem.property for problem in problems] == [""]
    assert [problem.reason for problem in problems if "canary" in problem.reason] == []


def test_no_difference_is_no_change() -> None:
    assert difference([], [], frozenset()).changes is False


def test_a_changed_input_replaces_only_where_it_has_to() -> None:
    assert difference(["port"], [], frozenset({"name"})).replaces == []
    replaced = difference(["name", "port"], ["running"], frozenset({"name"}))
    assert (replaced.replaces, replaced.delete_before_replace, replaced.diffs) == (["name"], True, ["name", "port", "running"])


RESTARTS = {
    "one that goes on": ({"running": True, "startedAt": "1"}, {"startedAt": "1"}, None),
    "one that was started again": ({"running": True, "startedAt": "2"}, {"startedAt": "1"}, "2"),
    "one that is down": ({"running": False, "startedAt": "2"}, {"startedAt": "1"}, None),
    "one that was not known to run": ({"running": True, "startedAt": "2"}, {}, None),
}


@pytest.mark.parametrize("case", RESTARTS)
def test_a_restart_is_noted(case: str) -> None:
    found, known, expected = RESTARTS[case]
    assert with_restart(found, known).get("restartedAt") == expected
