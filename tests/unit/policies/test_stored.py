from __future__ import annotations

import pytest

from policies.observed import UNKNOWN, Unreadable
from policies.stored import plain, stored

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
PROVIDER = "urn:pulumi:s.local::plat::pulumi:providers:rabbitmq::broker"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({**SECRET, "plaintext": '{"a": [1.0, "x"]}'}, {"a": [1, "x"]}),
        ({**SECRET, "ciphertext": "v1:abc"}, UNKNOWN),
        ({"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "hash": "1"}, UNKNOWN),
        ("04da6b54-80e4-46f7-96ec-b56ff0331ba9", UNKNOWN),
        ({"a": {"__defaults": [], "b": None}, "__defaults": ["c"]}, {"a": {"b": None}}),
        ([True, 2.5, 3.0], [True, 2.5, 3]),
    ],
)
def test_values_of_a_state_become_plain(value: object, expected: object) -> None:
    assert plain(value) == expected


def test_a_resource_has_its_provider_its_parent_and_its_protection() -> None:
    state = {
        "deployment": {
            "resources": [
                {"urn": PROVIDER, "type": "pulumi:providers:rabbitmq", "inputs": {"endpoint": "http://127.0.0.1:1"}},
                {
                    "urn": "urn:pulumi:s.local::plat::rabbitmq:index/queue:Queue::one",
                    "type": "rabbitmq:index/queue:Queue",
                    "inputs": {"name": "one"},
                    "outputs": {"drift": ["it differs"]},
                    "provider": f"{PROVIDER}::an-id",
                    "parent": "above",
                    "protect": True,
                    "retainOnDelete": True,
                    "ignoreChanges": ["name"],
                },
            ]
        }
    }
    _, queue = stored(state)

    assert queue.resource.provider
    assert queue.resource.provider.properties.text("endpoint") == "http://127.0.0.1:1"
    assert (queue.resource.options.parent, queue.resource.options.ignore_changes) == ("above", ("name",))
    assert queue.keeps_data
    assert queue.drift == ("it differs",)
    assert queue.resource.label == "rabbitmq:Queue `one`"


def test_what_a_server_has_said_counts_where_the_program_says_nothing() -> None:
    role = {"urn": "a::b::c::d", "type": "postgresql:index/role:Role", "inputs": {"name": "one"}}
    outputs = {"name": "one", "superuser": True, "roles": []}
    (found,) = stored({"deployment": {"resources": [{**role, "outputs": outputs}]}})

    assert found.resource.properties.plain() == {"name": "one", "superuser": True, "roles": []}


def test_a_resource_without_a_provider_cannot_say_where_it_is() -> None:
    (queue,) = stored({"deployment": {"resources": [{"urn": "a::b::c::d", "type": "rabbitmq:index/queue:Queue"}]}})

    assert queue.resource.provider is None
    assert not queue.keeps_data
    with pytest.raises(Unreadable):
        queue.resource.properties.text("name")


def test_an_empty_stack_holds_nothing() -> None:
    assert stored({"version": 3, "deployment": {}}) == ()
