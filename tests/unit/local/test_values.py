"""Property values, to plain Python and back."""

from __future__ import annotations

from pulumi.provider.experimental.property_value import PropertyValue

from providers.common import values
from providers.common.values import UNKNOWN


def test_whole_numbers_are_integers_here_and_numbers_on_the_wire() -> None:
    assert values.to_python({"port": PropertyValue(5432.0), "share": PropertyValue(0.5)}) == {"port": 5432, "share": 0.5}
    assert values.from_python({"port": 5432})["port"] == PropertyValue(5432.0)


def test_null_is_as_if_it_had_not_been_given() -> None:
    assert values.to_python({"version": PropertyValue(None)}) == {}


def test_nested_values_come_back_as_they_went() -> None:
    plain = {"labels": {"team": "orders"}, "keys": ["a*", "b*"], "on": True, "empty": {}}
    assert values.to_python(values.from_python(plain)) == plain


def test_an_unknown_value_is_found_at_any_depth_and_of_any_type() -> None:
    number = "3eeb2bf0-c639-47a8-9e75-3b44932eb421"
    plain = {"a": UNKNOWN, "b": {"c": [number]}, "d": "known"}
    assert values.unknown_names(plain) == {"a", "b"}


def test_named_secrets_are_marked_and_others_stay_as_they_were() -> None:
    given = {"password": PropertyValue("x"), "user": PropertyValue("y"), "token": PropertyValue("z", is_secret=True)}
    marked = values.marked(given, ["password"])
    assert {name: value.is_secret for name, value in marked.items()} == {"password": True, "user": False, "token": True}
