"""Texts inside of resources: every one of them by its field, and those that are made of secrets or of what others give.

What a plan does not know before the update it has as a way to make a text. Here such a text is read backwards: whether it was
made in that way, and of what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import yaml

from components.kubernetes.manifest import Hidden
from components.vm.declared import Woven
from plat.plan.model import SecretRef

_MARK = "0plat{:04d}{}0"
_IS_MARK = re.compile(r"0plat[0-9]{4}[ab]0")
_MARKS = re.compile(r"(0plat[0-9]{4}[ab]0)")
_CODED = re.compile(r"([A-Za-z0-9+/=]{16,})")
_SECRET = "[A-Za-z0-9]+"  # noqa: S105 - what `components.secrets` generates
_DIGEST = "[A-Za-z0-9+/=]{%d}"
_GIVEN = "[^\\n]*"
_DOCUMENT = "#cloud-config\n"


def texts_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any part of a resource
    """Every text of a resource, by field."""
    match value:
        case str():
            yield path, value
        case Mapping():
            for key, inner in value.items():
                yield from texts_of(inner, f"{path}.{key}" if path else str(key))
        case list():
            for index, inner in enumerate(value):
                yield from texts_of(inner, f"{path}[{index}]")


def secrets_in(hidden: Hidden, text: str) -> Mapping[SecretRef, str] | None:
    """The values of the secrets that `text` was made of in the way of `hidden`; None where it was not made so.

    A secret of which only a digest stands there has no value here.
    """
    found = _made(lambda marks: hidden.render(dict(zip(hidden.refs, marks, strict=True))), len(hidden.refs), text, _SECRET)
    return None if found is None else {hidden.refs[index]: value for index, value in found.items()}


def is_woven(woven: Woven, text: str) -> bool:
    """Whether `text` can have been made in the way of `woven`, whatever others give."""
    number = len(woven.sources)
    if not woven.render([""] * number).startswith(_DOCUMENT):
        return _made(woven.render, number, text, _GIVEN) is not None
    # YAML writes a text of several lines in another way than one of a single line.
    wanted = [yaml.safe_load(woven.render(_marks(number, letter))) for letter in "ab"]
    try:
        found = yaml.safe_load(text) if text.startswith(_DOCUMENT) else None
    except yaml.YAMLError:
        return False
    return _alike(wanted[0], wanted[1], found)


def _alike(one: Any, other: Any, found: Any) -> bool:  # noqa: ANN401 - any part of a document
    match one:
        case Mapping():
            return (
                isinstance(found, Mapping)
                and one.keys() == found.keys()
                and all(_alike(one[k], other[k], found[k]) for k in one)
            )
        case list():
            same = isinstance(found, list) and len(one) == len(found)
            return same and all(_alike(*three) for three in zip(one, other, found, strict=True))
        case str():
            return isinstance(found, str) and re.fullmatch(_pattern(one, other, "(?s:.*)"), found) is not None
        case _:
            return bool(one == found)


def _made(render: Callable[[Sequence[str]], str], number: int, text: str, unknown: str) -> Mapping[int, str] | None:
    one, other = (render(_marks(number, letter)) for letter in "ab")
    match = re.fullmatch(_pattern(one, other, unknown), text)
    return match and {int(name[1:]): value for name, value in match.groupdict().items() if name[0] == "v"}


def _marks(number: int, letter: str) -> list[str]:
    return [_MARK.format(index, letter) for index in range(number)]


def _pattern(one: str, other: str, unknown: str) -> str:
    """What matches both texts, which differ in marks and in digests of these alone, and all others that are made so."""
    parts, known = list[str](), set[str]()
    pieces, twins = _pieces(one), _pieces(other)
    if len(pieces) != len(twins):
        return _between(one, other)
    for piece, twin in zip(pieces, twins, strict=True):
        if piece == twin:
            parts.append(re.escape(piece))
        elif not _IS_MARK.fullmatch(piece):
            parts.append(_DIGEST % len(piece) if _CODED.fullmatch(piece) else _between(piece, twin))
        elif piece in known:
            parts.append(f"(?P=v{int(piece[5:9])})")
        else:
            known.add(piece)
            parts.append(f"(?P<v{int(piece[5:9])}>{unknown})")
    return "".join(parts)


def _pieces(text: str) -> list[str]:
    """The marks of a text, what may be a digest, and what is between them."""
    return [piece for part in _MARKS.split(text) for piece in ([part] if _IS_MARK.fullmatch(part) else _CODED.split(part))]


def _between(one: str, other: str) -> str:
    """What begins and ends as both texts do."""
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    return f"{re.escape(one[:start])}(?s:.*){re.escape(one[len(one) - end :])}"


def _common(one: str, other: str) -> int:
    """How many characters both texts begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
