"""The JSON Schema that editors complete descriptors with."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plat.configuration.schema import FILE
from plat.descriptors.models import KINDS
from plat.descriptors.reference import reference_text
from plat.descriptors.schema import schema_files, schema_text

SHIPPED = Path(__file__).parents[3] / "schemas"


@pytest.mark.parametrize("name", sorted(schema_files()))
def test_the_shipped_schema_is_the_models(name: str) -> None:
    kind = next((f" {kind}" for kind in KINDS if name.startswith(kind.lower())), "")
    assert (SHIPPED / name).read_text() == schema_files()[name], f"write it anew: plat schema{kind} > schemas/{name}"


def test_the_shipped_reference_is_the_models() -> None:
    shipped = SHIPPED.parent / "docs" / "descriptors.md"
    assert shipped.read_text() == reference_text(), "write it anew: plat schema --reference > docs/descriptors.md"


def test_the_reference_tells_of_every_field_of_every_kind() -> None:
    text = reference_text()
    for kind in KINDS:
        schema = json.loads(schema_text(kind))
        assert f"## {kind}\n" in text
        for owner in (schema, *schema["$defs"].values()):
            assert all(f"| `{name}`" in text for name in owner.get("properties", ()))


def test_nothing_else_is_shipped_but_that_of_stacks() -> None:
    assert sorted(path.name for path in SHIPPED.iterdir()) == sorted([*schema_files(), FILE])


def test_the_same_models_give_the_same_bytes() -> None:
    assert schema_text("Context") == schema_text("Context")


def test_a_kind_that_there_is_not_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        schema_text("Service")


def test_every_field_says_what_it_means_and_its_default() -> None:
    for kind in KINDS:
        schema = json.loads(schema_text(kind))
        for owner in (schema, *schema["$defs"].values()):
            for name, field in owner["properties"].items():
                assert field.get("description"), f"{owner['title']}.{name} has no description"
                assert name in owner.get("required", ()) or "Default: " in field["description"], f"{owner['title']}.{name}"


def test_no_field_may_be_null_or_unknown() -> None:
    for text in schema_files().values():
        for node in _objects(json.loads(text)):
            assert node.get("type") != "null"
            assert "properties" not in node or node["additionalProperties"] is False
            assert "patternProperties" not in node or node["additionalProperties"] is False


def test_a_datastore_is_one_or_a_list() -> None:
    datastore = json.loads(schema_text("Context"))["properties"]["datastore"]
    assert datastore["anyOf"] == [
        {"$ref": "#/$defs/Datastore"},
        {"items": {"$ref": "#/$defs/Datastore"}, "type": "array"},
    ]


def test_all_kinds_stand_in_one_schema() -> None:
    schema = json.loads(schema_text())
    kinds = [schema["$defs"][one["$ref"].removeprefix("#/$defs/")]["properties"]["kind"]["const"] for one in schema["oneOf"]]
    assert kinds == ["Context", "DataContract", "Deployable", "Landscape"]


def _objects(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _objects(child)
