"""The catalogue of errors in a descriptor's values: each function builds one text from typed arguments."""

import re
from collections.abc import Iterable

from plat.descriptors.problems import Problem, shown
from plat.descriptors.suggest import did_you_mean
from plat.descriptors.tree import Mapping, Node, Refused, Scalar, Sequence
from plat.names import LABEL_PATTERN

TEXT = "a text"
WHOLE_NUMBER = "a whole number"
LIST = "a list"
MAPPING = "a mapping"
ADVICE = "use lower-case letters a-z, digits and single hyphens, a letter first"


def too_long(noun: str, length: int, limit: int) -> Problem:
    """Refuse a text of `length` characters where `limit` are allowed."""
    return Problem(rule="too-long", message=f"the {noun} has {length} characters: at most {limit} are allowed")


def malformed(noun: str, value: str, advice: str) -> Problem:
    """Refuse a text that does not have its form."""
    return Problem(rule="malformed", message=f"{shown(value)} is no {noun}", hint=advice)


def not_a_label(value: str) -> Problem:
    """Refuse a name that is no DNS label, naming what spoils it and the nearest name that is one."""
    reason = _spoils(value)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", value.strip())
    nearest = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    legal = re.fullmatch(LABEL_PATTERN, nearest, re.ASCII) is not None and value.isascii()
    hint = f"did you mean `{nearest}`?" if legal else ADVICE
    return Problem(rule="malformed-name", message=f"{shown(value)} is no name: {reason}", hint=hint)


def _spoils(value: str) -> str:
    foreign = next((char for char in value if not char.isascii()), None)
    reasons = (
        (not value, "it is empty"),
        (foreign is not None, f"U+{ord(foreign or ' '):04X} is not a letter a-z, though it may look like one"),
        (value != value.strip(), "a space or a line break stands at its edge"),
        (any(char.isupper() for char in value), "it holds capital letters"),
        ("_" in value, "it holds an underscore"),
        ("." in value or "/" in value, "it holds a dot or a slash"),
        ("--" in value, "it holds two hyphens in a row, which derived names use as their separator"),
        (value[:1] in "-0123456789", "it does not begin with a letter"),
        (value.endswith("-"), "it ends in a hyphen"),
    )
    return next((text for spoilt, text in reasons if spoilt), "it holds a character other than a-z, 0-9 and `-`")


def reserved_name(value: str) -> Problem:
    """Refuse a name that a server, a cluster or this tool has taken."""
    return Problem(
        rule="reserved-name",
        message=f"the name {shown(value)} is reserved",
        hint="servers, clusters or Plat itself use it: choose a name that says what it is in this business",
    )


def reserved_variable(value: str) -> Problem:
    """Refuse a literal for a variable that is derived."""
    return Problem(
        rule="reserved-variable",
        message=f"the variable {shown(value)} is derived: no descriptor sets it",
        hint="leave it out, or choose another name for a value of your own",
    )


def not_literal(opening: str) -> Problem:
    """Refuse a value that asks for interpolation."""
    return Problem(
        rule="not-literal",
        message=f"the value holds `{opening}`: values are literal text, nothing is filled in",
        hint="write the value itself; what Plat derives (URLs, credentials) comes to the process as variables anyway",
    )


def blank() -> Problem:
    """Refuse a text without any visible character."""
    return Problem(rule="blank", message="the text is empty", hint="say it in a sentence")


def excludes(field: str, reason: str, hint: str, place: str = "") -> Problem:
    """Refuse a field that another field rules out; `place` is its path where that is not its name."""
    return Problem(rule="contradiction", message=f"`{field}` {reason}", hint=hint, field=place or field)


def min_above_max(low: int, high: int) -> Problem:
    """Refuse a range whose lower end is above its upper end."""
    return Problem(
        rule="min-above-max",
        message=f"min ({low}) is above max ({high})",
        hint="exchange them, or leave one of them out",
        field="min",
    )


def fixed_range(low: int, high: int) -> Problem:
    """Refuse a range for the one profile that has a fixed number of replicas."""
    return Problem(
        rule="contradiction",
        message=f"profile `fixed` runs one number of replicas, but min is {low} and max is {high}",
        hint="give both the same number, or only one of them",
        field="max",
    )


def repeated(noun: str, value: str) -> Problem:
    """Refuse the second one of what may stand once in a list."""
    return Problem(rule="duplicate-item", message=f"{noun} {shown(value)} stands twice in this list", hint="keep one of them")


def context_without_owner() -> Problem:
    """Refuse a context that names no team."""
    return Problem(
        rule="context-without-owner",
        message="this context has no owner: nobody answers for it, for its data or for what it publishes",
        hint="write `team:` with one of the teams in landscape.yaml",
    )


def two_owners(teams: Iterable[str]) -> Problem:
    """Refuse a list of teams where a context has one."""
    return Problem(
        rule="two-teams-one-context",
        message=f"this context names several teams ({', '.join(shown(team) for team in teams)}), and belongs to one",
        hint="give it to one of them, or split it along what the two teams really do",
    )


def unknown_field(key: str, known: Iterable[str], place: str, belongs: Iterable[str] = ()) -> Problem:
    """Refuse a field that the schema does not have; `belongs` are the fields below which it would be right."""
    known = sorted(known)
    elsewhere = ", ".join(f"`{field}`" for field in belongs)
    hint = did_you_mean(key, known) or (f"it belongs below {elsewhere}" if elsewhere else "")
    where = f"`{place}`" if place else "this descriptor"
    return Problem(
        rule="unknown-field",
        message=f"there is no field {shown(key)} in {where}",
        hint=hint or f"the fields are {', '.join(known)}",
    )


def missing_field(key: str, place: str, meaning: str) -> Problem:
    """Refuse the absence of a field that has no default."""
    where = f"`{place}`" if place else "this descriptor"
    return Problem(rule="missing-field", message=f"field `{key}` is missing in {where}", hint=meaning)


def not_one_of(found: Node | None, allowed: Iterable[str]) -> Problem:
    """Refuse a value that is none of the allowed ones."""
    allowed = list(allowed)
    choice = allowed[0] if len(allowed) == 1 else f"{', '.join(allowed[:-1])} or {allowed[-1]}"
    value = found.value if isinstance(found, Scalar) else None
    hint = did_you_mean(value, allowed) if isinstance(value, str) else ""
    what = shown(value) if isinstance(value, str) else kind_of(found)
    return Problem(rule="not-allowed", message=f"{what} is not allowed here: it is {choice}", hint=hint)


def wrong_type(wanted: str, found: Node | None, fields: Iterable[str] = ()) -> Problem:
    """Refuse a value of another type than the schema's; `fields` are those of the mapping that is wanted, if one is."""
    hint = f"its fields are {', '.join(sorted(fields))}" if fields else _how_to_write(wanted, found)
    return Problem(rule="wrong-type", message=f"{wanted} is meant here, not {kind_of(found)}", hint=hint)


def _how_to_write(wanted: str, found: Node | None) -> str:
    value = found.value if isinstance(found, Scalar) else None
    if wanted == TEXT and value is not None:
        return f'put it in quotes: "{str(value).lower()}"'
    if wanted == WHOLE_NUMBER and isinstance(value, str) and value.isdecimal():
        return "write it without quotes"
    if wanted == MAPPING and not isinstance(found, Refused):
        return "write each entry as `Name: {...}`, without `-`"
    if wanted == LIST:
        return "put `- ` before each entry" if isinstance(found, Mapping) else "write it in brackets: `[one, two]`"
    return ""


def kind_of(node: Node | None) -> str:
    """Say what somebody wrote."""
    match node:
        case Scalar(value=value):
            noun = "truth value" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
            return f"the {noun} {shown(value)}"
        case Sequence():
            return LIST
        case Mapping():
            return MAPPING
        case Refused():
            return "what stands here (not shown)"
        case None:
            return "nothing"


def out_of_range(found: Node | None, allowed: str) -> Problem:
    """Refuse a number below or above its limit."""
    return Problem(rule="out-of-range", message=f"{kind_of(found)} is out of range", hint=f"{allowed} is allowed")


def too_few(place: str, least: int) -> Problem:
    """Refuse a list with fewer entries than are needed."""
    if least == 1:
        return Problem(rule="too-few", message=f"`{place}` is empty", hint="give at least one entry")
    return Problem(rule="too-few", message=f"`{place}` has too few entries", hint=f"at least {least} are needed")


def too_many(place: str, limit: int) -> Problem:
    """Refuse a list or mapping that is longer than its limit."""
    return Problem(rule="too-many", message=f"`{place}` has too many entries", hint=f"at most {limit} are allowed")


def no_kind(kinds: Iterable[str], *, is_descriptor: bool) -> Problem:
    """Refuse a file that does not say what it describes."""
    choice = f"the kinds are {', '.join(kinds)}"
    if is_descriptor:
        return Problem(rule="missing-field", message="field `kind` is missing in this descriptor", hint=choice)
    return Problem(
        rule="no-descriptor",
        message="this file is no descriptor: `apiVersion` and `kind` are missing",
        hint=f"{choice}; a file that describes operations or events ends in `.openapi.yaml`, `.asyncapi.yaml`, "
        "`.schema.yaml`, `.odcs.yaml` or `.json`",
    )
