"""The ids of what stands on the map: two different things never have one, whatever they are called."""

from __future__ import annotations


def context_id(name: str) -> str:
    """Give the id of a context."""
    return f"context:{name}"


def deployable_id(name: str) -> str:
    """Give the id of a deployable that is no context's alone."""
    return f"deployable:{name}"


def external_id(name: str) -> str:
    """Give the id of a system outside."""
    return f"external:{name}"


def datastore_id(context: str, kind: str, name: str) -> str:
    """Give the id of a context's datastore."""
    return f"datastore:{context}/{kind}/{name}"


def event_id(context: str, event: str) -> str:
    """Give the id of an event."""
    return f"event:{context}.{event}"


_SEPARATORS = {"-": "_", ".": "_", ":": "__", "/": "__"}


def symbol(node_id: str) -> str:
    """Give an id as letters, digits and underscores, which every drawing language takes for a name.

    Names that descriptors may hold keep theirs apart; it does not change when something else joins the map.
    """
    return "".join(_SEPARATORS.get(c, c if c.isascii() and c.isalnum() else f"_u{ord(c):x}_") for c in node_id)
