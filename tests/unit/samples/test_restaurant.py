"""What 'User' means in each context of the restaurants, and how guests are told."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any, cast

import pytest

from samples.fields import MalformedError
from samples.restaurant.authentication import Identities
from samples.restaurant.booking import ByCall
from samples.restaurant.guests import Guest, Guests
from samples.restaurant.notifications import Notifier
from samples.upstream import UpstreamDownError, UpstreamRefusedError
from samples.web import Problem
from tests.unit.samples.fakes import FakeRedis, FakeUpstream, message, posted

CONFIRMED = {
    "reservation_id": "r-1",
    "guest_email": "ada@guests.example",
    "restaurant_name": "Al Forno",
    "date": "2026-12-24",
    "time": "19:30",
}
TOLD = "Your table at Al Forno is confirmed for 2026-12-24, 19:30."


@pytest.fixture
def redis() -> FakeRedis:
    return FakeRedis()


@pytest.fixture
def identities(redis: FakeRedis) -> Identities:
    return Identities(cast("Any", redis))


@pytest.fixture
def notifier(redis: FakeRedis) -> Notifier:
    return Notifier(cast("Any", redis))


def test_a_login_identity_becomes_a_guest_at_the_border_of_booking() -> None:
    authentication = FakeUpstream({"IdentifyUser": {"user_id": "u-1", "login": "ada", "email": "ada@guests.example"}})

    assert Guests(authentication).of_session("s-1") == Guest("u-1", "ada@guests.example")
    assert authentication.asked == [("IdentifyUser", {"session": "s-1"})]


def test_who_has_no_session_is_asked_to_log_in() -> None:
    refused = UpstreamRefusedError(HTTPStatus.NOT_FOUND, "there is no such session")
    with pytest.raises(Problem, match="log in first: there is no such session") as caught:
        Guests(FakeUpstream({"IdentifyUser": refused})).of_session("s-1")

    assert caught.value.status == HTTPStatus.UNAUTHORIZED


def test_a_session_is_opened_by_login_and_password_alone(identities: Identities, redis: FakeRedis) -> None:
    identity = identities.sign_up(posted("SignUp", {"login": "ada", "email": "a@b.example", "password": "engine"})).body
    session = identities.log_in(posted("LogIn", {"login": "ada", "password": "engine"})).body["session"]

    assert identities.identify(posted("IdentifyUser", {"session": session})).body == identity
    assert "engine" not in json.dumps(redis.kept)


@pytest.mark.parametrize("body", [{"login": "ada", "password": "wrong"}, {"login": "nobody", "password": "engine"}])
def test_who_is_unknown_and_who_has_the_wrong_password_are_told_the_same(identities: Identities, body: dict[str, str]) -> None:
    identities.sign_up(posted("SignUp", {"login": "ada", "email": "a@b.example", "password": "engine"}))
    with pytest.raises(Problem, match="login and password do not belong together"):
        identities.log_in(posted("LogIn", body))


def test_a_login_is_taken_once(identities: Identities) -> None:
    signing_up = posted("SignUp", {"login": "ada", "email": "a@b.example", "password": "engine"})
    identities.sign_up(signing_up)
    with pytest.raises(Problem, match="this login is taken"):
        identities.sign_up(signing_up)


def test_a_guest_is_told_once_however_often_the_event_comes(notifier: Notifier, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        notifier.reservation_confirmed(message("ReservationConfirmed", CONFIRMED))
        notifier.reservation_confirmed(message("ReservationConfirmed", CONFIRMED))

    assert caplog.messages == [f"notified ada@guests.example by email: {TOLD}"]


@pytest.mark.parametrize("lacking", sorted(CONFIRMED.keys() - {"reservation_id"}))
def test_an_event_that_lacks_a_field_can_never_be_handled(notifier: Notifier, lacking: str) -> None:
    body = {name: value for name, value in CONFIRMED.items() if name != lacking}
    with pytest.raises(ValueError, match=f"`{lacking}` must be"):
        notifier.reservation_confirmed(message("ReservationConfirmed", body))


def test_an_event_without_an_id_can_never_be_told_from_another(notifier: Notifier) -> None:
    with pytest.raises(MalformedError, match="no message_id"):
        notifier.reservation_confirmed(message("ReservationConfirmed", CONFIRMED, message_id=""))


def test_a_guest_is_told_by_a_call_in_the_words_of_notifications() -> None:
    notifications = FakeUpstream({"SendNotification": {"notification_id": "n-1"}})
    ByCall(notifications).after(Guest("u-1", "ada@guests.example"), CONFIRMED)

    assert notifications.asked == [("SendNotification", {"user_id": "u-1", "message": TOLD, "channel": "email"})]


def test_a_reservation_stands_where_its_guest_cannot_be_told(caplog: pytest.LogCaptureFixture) -> None:
    down = FakeUpstream({"SendNotification": UpstreamDownError("nobody answers")})
    ByCall(down).after(Guest("u-1", "ada@guests.example"), CONFIRMED)

    assert caplog.messages == ["reservation r-1 stands, and its guest was not told: nobody answers"]
