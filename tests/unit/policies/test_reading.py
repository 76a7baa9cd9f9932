from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi_policy import PolicyCustomTimeouts, PolicyProviderResource, PolicyResourceOptions, ResourceValidationArgs
from pulumi_policy.proxy import UNKNOWN_BOOLEAN_VALUE, UNKNOWN_NUMBER_VALUE, UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies.observed import UNKNOWN, Options, Properties, Unreadable
from policies.reading import observed, plain

VALUES: dict[str, tuple[Any, Any]] = {
    "texts stay texts": ({"a": "b"}, {"a": "b"}),
    "whole numbers, which travel as floats, are whole again": ({"port": 5432.0}, {"port": 5432}),
    "nothing stays nothing": ({"a": None}, {"a": None}),
    "an unknown text": ({"a": UNKNOWN_STRING_VALUE}, {"a": UNKNOWN}),
    "an unknown number in a list in a mapping": ({"a": [{"b": UNKNOWN_NUMBER_VALUE}, 1]}, {"a": [{"b": UNKNOWN}, 1]}),
    "an unknown value hides nothing beside it": ({"a": UNKNOWN_BOOLEAN_VALUE, "b": "c"}, {"a": UNKNOWN, "b": "c"}),
    "a file is not read": ({"a": pulumi.FileAsset("x")}, {"a": UNKNOWN}),
    "a property by which the SDK would hide all others": ({"__target": "x", "b": "c"}, {"__target": UNKNOWN, "b": "c"}),
}


@pytest.mark.parametrize(("values", "expected"), VALUES.values(), ids=VALUES.keys())
def test_values_of_the_policy_sdk_become_plain(values: dict[str, Any], expected: dict[str, Any]) -> None:
    assert plain(unknown_checking_proxy(values)) == expected


def test_a_resource_keeps_all_that_rules_ask_about() -> None:
    options = PolicyResourceOptions(
        protect=True,
        ignore_changes=["a"],
        delete_before_replace=None,
        aliases=["urn:old"],
        custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
        additional_secret_outputs=[],
        parent="urn:parent",
    )
    provider = PolicyProviderResource(
        "pulumi:providers:p", unknown_checking_proxy({"host": UNKNOWN_STRING_VALUE}), "urn:p", "p"
    )
    properties = unknown_checking_proxy({"name": "x"})
    seen = observed(ResourceValidationArgs("p:index:T", properties, "urn:t", "t", options, provider))
    assert (seen.urn, seen.type, seen.name) == ("urn:t", "p:index:T", "t")
    assert seen.options == Options(protect=True, parent="urn:parent", aliases=("urn:old",), ignore_changes=("a",))
    assert seen.properties.text("name") == "x"
    assert seen.provider
    assert seen.provider.properties.unknown("host")


PROPERTIES = Properties(
    {
        "text": "x",
        "number": 7,
        "quoted": "7",
        "flag": "true",
        "list": ["a"],
        "one": [{"a": "b"}],
        "unknown": UNKNOWN,
        "none": None,
    }
)

UNREADABLE: dict[str, tuple[str, str]] = {
    "what is not there": ("text", "absent"),
    "what is nothing": ("text", "none"),
    "what is not known": ("text", "unknown"),
    "a number where a text is meant": ("text", "number"),
    "a text where a number is meant": ("number", "text"),
    "a text where a flag is meant": ("flag", "text"),
    "a flag where a list is meant": ("texts", "flag"),
    "a list of mappings where texts are meant": ("texts", "one"),
    "a list of texts where mappings are meant": ("inners", "list"),
    "a text where a mapping is meant": ("inner", "text"),
    "a list that is not known": ("texts", "unknown"),
}


@pytest.mark.parametrize(("way", "name"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_nothing_is_taken_for_something_harmless(way: str, name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        getattr(PROPERTIES, way)(name)
    assert refused.value.field.startswith(name)


def test_readable_values_are_read() -> None:
    read = (
        PROPERTIES.text("text"),
        PROPERTIES.number("number"),
        PROPERTIES.number("quoted"),
        PROPERTIES.flag("flag"),
        PROPERTIES.flag("absent"),
        PROPERTIES.texts("list"),
        PROPERTIES.inner("one").text("a"),
        PROPERTIES.inner("one").field("a"),
    )
    assert read == ("x", 7, 7, True, False, ("a",), "b", "one[0].a")
