"""JSON Schema of the descriptors, made from the models, so that editors complete and check what teams write.

The shipped files stand in `schemas/`. An editor with the YAML language server takes the schema that the first line names:

    # yaml-language-server: $schema=../../schemas/context.schema.json
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from plat.descriptors.models import KINDS

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
COMBINED: Final = "descriptor"


class _Generator(GenerateJsonSchema):
    """Leaves out what a descriptor cannot hold (null) and what says nothing (titles made from field names)."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = super().default_schema(schema)
        if inner.get("default", ...) in (None, [], {}):
            inner.pop("default")
        return inner

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        if "patternProperties" in made:
            made["additionalProperties"] = False
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401 - pydantic's union of schemas
        del schema
        return False


def schema_text(kind: str | None = None) -> str:
    """Give the JSON Schema of one kind, or of all without one, as text that is the same for the same models.

    Raises KeyError for a kind that there is not.
    """
    schema = _combined() if kind is None else schema_of(kind)
    return json.dumps({"$schema": DIALECT, **schema}, indent=2, ensure_ascii=False) + "\n"


def schema_files() -> Mapping[str, str]:
    """Give the text of every shipped schema by its file's name."""
    texts = {f"{kind.lower()}.schema.json": schema_text(kind) for kind in sorted(KINDS)}
    return {**texts, f"{COMBINED}.schema.json": schema_text()}


def schema_of(kind: str) -> dict[str, Any]:
    """Give the JSON Schema of one kind as plain data. Raises KeyError for a kind that there is not."""
    return KINDS[kind].model_json_schema(by_alias=True, schema_generator=_Generator)


def _combined() -> dict[str, Any]:
    mode: JsonSchemaMode = "validation"
    models = [(KINDS[kind], mode) for kind in sorted(KINDS)]
    references, schema = models_json_schema(models, by_alias=True, schema_generator=_Generator)
    return {
        "title": "Plat descriptor",
        "description": "A descriptor of any kind; `kind` says which.",
        "oneOf": [references[model] for model in models],
        **schema,
    }
