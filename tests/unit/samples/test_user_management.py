"""Users in a store that decides, with a cache beside it that may lose everything, or be away."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus

import pytest

from samples.user_management import Cached, Sessions, User
from samples.web import Problem, Request
from tests.unit.samples.fakes import posted

ADA: User = {"user_id": "42", "name": "Ada", "created": "2026-12-24", "session": "secret"}


@dataclass
class FakeStore:
    kept: dict[str, User] = field(default_factory=dict)
    down: bool = False

    def put(self, user: User) -> None:
        self._answer()
        self.kept[user["user_id"]] = user

    def get(self, user_id: str) -> User | None:
        self._answer()
        return self.kept.get(user_id)

    def _answer(self) -> None:
        if self.down:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "it does not answer")


def test_a_user_is_kept_in_both() -> None:
    store, cache = FakeStore(), FakeStore()
    Cached(store, cache).put(ADA)

    assert store.kept == cache.kept == {"42": ADA}


def test_what_the_cache_has_is_not_asked_for_again() -> None:
    assert Cached(FakeStore(down=True), FakeStore({"42": ADA})).get("42") == ADA


def test_what_the_cache_has_lost_is_found_in_the_store_and_cached_again() -> None:
    cache = FakeStore()

    assert Cached(FakeStore({"42": ADA}), cache).get("42") == ADA
    assert cache.kept == {"42": ADA}


def test_nobody_notices_that_the_cache_is_away() -> None:
    store = FakeStore()
    cached = Cached(store, FakeStore(down=True))
    cached.put(ADA)

    assert cached.get("42") == ADA


def test_nothing_is_cached_that_the_store_has_not_taken() -> None:
    cache = FakeStore()
    with pytest.raises(Problem, match="it does not answer"):
        Cached(FakeStore(down=True), cache).put(ADA)

    assert cache.kept == {}


def test_who_asks_for_a_user_is_not_shown_the_session() -> None:
    sessions = Sessions(FakeStore())
    answer = sessions.login(posted("Login", {"user_id": "42", "name": "Ada"}))
    shown = sessions.show(Request("GET", "GetUser", query={"id": "42"}))

    assert answer.status == HTTPStatus.CREATED
    assert shown.body == {name: answer.body[name] for name in ("user_id", "name", "created")}
