"""What an unquoted YAML value means: YAML 1.2's core schema, and a refusal where YAML 1.1 reads it otherwise.

Sources: YAML 1.2.2, 10.3.2 "Tag Resolution"; the YAML 1.1 type repository (bool, int, float, timestamp, value).
"""

import re
from functools import lru_cache
from typing import Final

from plat.descriptors.errors import reading
from plat.descriptors.problems import Problem

EXACT_DIGITS: Final = 15  # what a double, and so every JSON reader, keeps exactly

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+", re.ASCII)
_TRUE_WORDS = frozenset(("yes", "on"))
_FALSE_WORDS = frozenset(("no", "off"))
_DISPUTED = (
    (re.compile(r"[-+]?0[0-9_]+", re.ASCII), "decimal or octal"),
    (re.compile(r"[-+]?0[xob][0-9a-fA-F_]+", re.ASCII), "a number or a text"),
    (re.compile(r"[-+]?[0-9]+_[0-9_]*(?:\.[0-9_]*)?", re.ASCII), "a number or a text"),
    (re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?", re.ASCII), "a number in base 60 or a text"),
    (re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+", re.ASCII), "a number or a text"),
    (re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)", re.ASCII), "a number or a text"),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"), "a number or a text"),
    # A whole day is the one thing that this format means by a date, and stays the text that YAML 1.2 reads.
    (re.compile(r"(?![0-9]{4}-[0-9]{2}-[0-9]{2}$)[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?", re.ASCII), "a date or a text"),
    (re.compile(r"="), "a special value or a text"),
)
_DISPUTABLE = frozenset("+-.0123456789=yYnNoO")  # how anything above begins: nearly every text is settled by it

Meaning = str | int | float | bool | None


@lru_cache(4096)
def resolve(text: str) -> Meaning | Problem:
    """Give what an unquoted value means (None for no value), or the problem where readers do not agree on it."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) <= EXACT_DIGITS else _disputed(text, "exact or rounded")
    if _FLOAT.fullmatch(text) and len(text) <= EXACT_DIGITS:
        return float(text)
    return (_dispute(text) or text) if text[0] in _DISPUTABLE else text


def _dispute(text: str) -> Problem | None:
    word = text.lower() if text in (text.lower(), text.upper(), text.title()) else ""
    if word in _TRUE_WORDS or word in _FALSE_WORDS:
        meant = "true" if word in _TRUE_WORDS else "false"
        return reading.ambiguous(text, f"{meant} or a text", f'write {meant}, or "{text}" in quotes if a text is meant')
    for pattern, readings in _DISPUTED:
        if pattern.fullmatch(text):
            return _disputed(text, readings)
    return None


def _disputed(text: str, readings: str) -> Problem:
    way_out = f'write "{text}" in quotes' if len(text) <= EXACT_DIGITS else "write it in quotes"
    return reading.ambiguous(text, readings, f"{way_out} if a text is meant, else a plain decimal number")
