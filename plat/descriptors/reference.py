"""The reference of the format as Markdown, made from the models: what `docs/descriptors.md` holds."""

import typing
from collections.abc import Iterator, Mapping
from typing import Any, Final

from plat.descriptors.models import KINDS
from plat.descriptors.schema import schema_of

ORDER: Final = ("Landscape", "Context", "Deployable", "DataContract")

_HEAD = """\
# What a descriptor may say

Made from the models by `plat schema --reference`; a test keeps it current. A `*` marks what must be there. Everything
that is not listed is refused, with the nearest right thing.
"""

Schema = Mapping[str, Any]


def reference_text() -> str:
    """Give the whole reference; the same models give the same text."""
    return "\n".join([_HEAD, *(line for kind in ORDER for line in _kind(kind))])


def _kind(kind: str) -> Iterator[str]:
    schema = schema_of(kind)
    parts = schema.get("$defs", {})
    yield f"## {kind}\n"
    yield f"{_sentence(KINDS[kind].__doc__ or '')}\n"
    yield from _fields(schema, parts)
    for name in sorted(parts):
        if "properties" in parts[name]:
            yield f"### {_heading(kind, name)}\n"
            yield f"{_sentence(parts[name].get('description', ''))}\n"
            yield from _fields(parts[name], parts)


def _heading(kind: str, part: str) -> str:
    return f"{kind}: {part}"


def _fields(schema: Schema, parts: Schema) -> Iterator[str]:
    required = schema.get("required", ())
    yield "| field | form | meaning |"
    yield "|---|---|---|"
    for name, field in schema["properties"].items():
        mark = " \\*" if name in required else ""
        yield f"| `{name}`{mark} | {_form(field, parts)} | {_cell(field.get('description', ''))} |"
    yield ""


def _form(field: Schema, parts: Schema) -> str:
    """Give in a few words what may stand there."""
    match field:
        case {"$ref": reference}:
            return _part(str(reference), parts)
        case {"anyOf": choices} | {"oneOf": choices}:
            return " or ".join(dict.fromkeys(_form(choice, parts) for choice in choices))
        case {"type": "array", "items": items}:
            return f"list of {_form(items, parts)}"
        case {"type": "object"}:
            return f"mapping to {_form(_values_of(field), parts)}"
        case _:
            return _value(field)


def _value(field: Schema) -> str:
    allowed = [field["const"]] if "const" in field else field.get("enum", ())
    if allowed:
        return " ".join(f"`{value}`" for value in allowed)
    return {"integer": "number", "number": "number", "boolean": "`true` `false`"}.get(field.get("type", ""), "text")


def _part(reference: str, parts: Schema) -> str:
    name = reference.rpartition("/")[2]
    part = parts.get(name, {})
    return name if "properties" in part else _form(part, parts)


def _values_of(field: Schema) -> Schema:
    patterns = field.get("patternProperties")
    values = next(iter(patterns.values())) if patterns else field.get("additionalProperties", {})
    return typing.cast(Schema, values if isinstance(values, dict) else {})


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _sentence(text).replace("|", "\\|")
