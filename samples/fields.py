"""Reads what others have written, a request or an event, field by field: what is not as agreed is refused with the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from samples.web import Problem

Document = Mapping[str, Any]

LINE = 200
"""Characters that a line of text may have."""
_HIGHEST = Decimal(10) ** 9
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


class MalformedError(Problem, ValueError):
    """Something is not as agreed: 400 to who called, and the dead-letter queue for a message."""

    def __init__(self, reason: str) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, reason)


def line(document: Document, name: str) -> str:
    """One line of text of 1 to 200 characters. Raises MalformedError."""
    value = document.get(name)
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value.strip()) <= LINE:
        msg = f"`{name}` must be a line of 1 to {LINE} characters"
        raise MalformedError(msg)
    return value.strip()


def amount(document: Document, name: str) -> Decimal:
    """A number from 0, below a milliard; as JSON has no decimals, a text is read too. Raises MalformedError."""
    value = document.get(name)
    try:
        number = Decimal(value if isinstance(value, int | str | Decimal) else str(value))
    except InvalidOperation:
        number = Decimal(-1)
    if isinstance(value, bool) or not number.is_finite() or not 0 <= number < _HIGHEST:
        msg = f"`{name}` must be a number from 0"
        raise MalformedError(msg)
    return number


def whole(document: Document, name: str) -> int:
    """A whole number from 1, below a milliard. Raises MalformedError."""
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < _HIGHEST:
        msg = f"`{name}` must be a whole number from 1"
        raise MalformedError(msg)
    return value


def one_of(document: Document, name: str, choices: tuple[str, ...]) -> str:
    """One of `choices`. Raises MalformedError."""
    value = document.get(name)
    if value not in choices:
        msg = f"`{name}` must be one of {', '.join(choices)}"
        raise MalformedError(msg)
    return str(value)


def day(document: Document, name: str) -> date:
    """A day as `2026-12-24`. Raises MalformedError."""
    try:
        return date.fromisoformat(line(document, name))
    except ValueError:
        msg = f"`{name}` must be a day such as 2026-12-24"
        raise MalformedError(msg) from None


def time_of_day(document: Document, name: str) -> str:
    """A time as `19:30`. Raises MalformedError."""
    value = line(document, name)
    if not _TIME.fullmatch(value):
        msg = f"`{name}` must be a time such as 19:30"
        raise MalformedError(msg)
    return value


def record(document: Document, name: str) -> Document:
    """An object. Raises MalformedError."""
    value = document.get(name)
    if not isinstance(value, dict):
        msg = f"`{name}` must be an object"
        raise MalformedError(msg)
    return value
