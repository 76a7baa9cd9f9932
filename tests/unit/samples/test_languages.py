"""What the example landscapes say of their operations and events: right by itself, and what the services do."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from plat.descriptors.parts import Event, Operation
from plat.landscape import Landscape
from plat.project import Project

PROJECT = Project(Path(__file__).parents[3])


@cache
def landscape_of(name: str) -> Landscape:
    checked = PROJECT.check(name)
    assert checked.landscape is not None
    return checked.landscape


@cache
def document(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    return found


def operations_of(landscape: Landscape) -> list[tuple[str, Operation]]:
    surfaces = [context.exposes for context in landscape.contexts]
    surfaces += [deployable.exposes for deployable in landscape.deployables if deployable.standalone]
    return [operation for surface in surfaces for operation in surface.items()]


def events_of(landscape: Landscape) -> list[tuple[str, Event]]:
    return [item for context in landscape.contexts for item in context.publishes.items()]


def payload_of(path: Path, event: str) -> dict[str, Any]:
    """The JSON Schema of an event's body: the file itself, or the message of that name in an AsyncAPI document."""
    found = document(path)
    if path.suffix == ".json":
        assert found["title"] == event
        return found
    assert found["asyncapi"] == "3.0.0"
    message = found["components"]["messages"][event]
    assert found["channels"][event]["messages"][event] == {"$ref": f"#/components/messages/{event}"}
    payload: dict[str, Any] = message["payload"]
    return payload


@pytest.mark.parametrize("name", PROJECT.landscape_names())
def test_no_rule_has_anything_to_say_about_an_example(name: str) -> None:
    assert PROJECT.check(name).findings == ()


@pytest.mark.parametrize("name", PROJECT.landscape_names())
def test_every_operation_stands_in_the_document_that_its_descriptor_names(name: str) -> None:
    landscape = landscape_of(name)
    named = [(operation, declared.spec) for operation, declared in operations_of(landscape) if declared.spec]
    documents = {spec: document(landscape.root_dir / spec) for spec in {spec for _, spec in named}}
    for operation, spec in named:
        assert f"/{operation}" in documents[spec]["paths"]
    for found in documents.values():
        assert found["openapi"] == "3.1.0"
        for schema in _schemas(found):
            Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", PROJECT.landscape_names())
def test_every_event_has_the_schema_that_its_descriptor_names(name: str) -> None:
    landscape = landscape_of(name)
    for event, declared in events_of(landscape):
        if declared.schema_file is not None:
            Draft202012Validator.check_schema(payload_of(landscape.root_dir / declared.schema_file, event))


@pytest.mark.parametrize("name", PROJECT.landscape_names())
def test_no_document_is_left_that_no_descriptor_names(name: str) -> None:
    landscape = landscape_of(name)
    named = {declared.spec for _, declared in operations_of(landscape)}
    named |= {declared.schema_file for _, declared in events_of(landscape)}
    named |= {contract.standard for contract in landscape.contracts}
    there = {
        str(path.relative_to(landscape.root_dir))
        for folder in ("apis", "events", "contracts")
        for path in (landscape.root_dir / folder).glob("*.*")
    }

    # A DataContract is a descriptor itself.
    assert {path for path in there if not path.startswith("contracts/") or ".odcs." in path} <= named


def _schemas(found: object) -> list[Any]:
    """Every schema in an OpenAPI document (which are JSON Schemas, since OpenAPI 3.1)."""
    if isinstance(found, list):
        return [schema for item in found for schema in _schemas(item)]
    if not isinstance(found, dict):
        return []
    own = [found["schema"]] if isinstance(found.get("schema"), dict) else []
    return own + [schema for value in found.values() for schema in _schemas(value)]
