"""JSON Schema of a stack's configuration, by which editors complete and check the file: `schemas/stack.schema.json`."""

from __future__ import annotations

import json
from typing import Any, Final

from plat.configuration import PROJECT, StackConfiguration, settings
from plat.descriptors.schema import DIALECT

FILE: Final = "stack.schema.json"


def schema_text() -> str:
    """The JSON Schema of `stacks/Pulumi.<stack>.yaml`, as text that is the same for the same settings."""
    return json.dumps({"$schema": DIALECT, **_schema()}, indent=2, ensure_ascii=False) + "\n"


def _schema() -> dict[str, Any]:
    encrypted = {"type": "object", "required": ["secure"], "additionalProperties": False}
    encrypted |= {"properties": {"secure": {"type": "string"}}}
    known = settings()
    own = {
        f"{PROJECT}:{field.alias}": {
            "description": field.description,
            **(encrypted if known[field.alias or ""] else {"type": "string"}),
        }
        for field in StackConfiguration.model_fields.values()
    }
    others = {"not": {"pattern": f"^{PROJECT}:"}}
    return {
        "title": "Stack configuration",
        "description": "What `pulumi config set` writes for one stack.",
        "type": "object",
        "properties": {
            "config": {"type": "object", "properties": own, "propertyNames": {"anyOf": [others, {"enum": list(own)}]}},
            "encryptionsalt": {"type": "string"},
            "encryptedkey": {"type": "string"},
            "secretsprovider": {"type": "string"},
        },
    }
