"""Texts inside of resources: every one of them by its field, and those that are made of secrets or of what others give.

What a plan does not know before the update it has as a way to make a text. Here such a text is read backwards: whether it was
made in that way, and of what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import yaml

from components.kubernetes.manifest import Hidden
from components.vm.declared import Woven
from plat.plan.model import SecretRef

_DOCUMENT = "#cloud-config\n"
_CODED = re.compile(r"([A-Za-z0-9+/=]{16,})")  # what may be a digest, in whatever way it is written
_WORDS = 4  # of a path; so much of two digests is alike by chance in one case of millions


@dataclass(frozen=True, slots=True)
class Shape:
    """What a text looks like that is not known yet: a regular expression, and a way to make examples that differ."""

    pattern: str
    example: str = "{}"

    def sample(self, index: int, letter: str) -> str:
        """One example; another index or another letter, another one."""
        return self.example.format(f"0plat{index:04d}{letter}0")


SECRET = Shape("[A-Za-z0-9]+")
"""What `components.secrets` generates."""

PUBLIC_KEY = Shape(r"ssh-ed25519 [A-Za-z0-9+/=]{68}(?: [ -~]*)?\n?", "ssh-ed25519 {:A>68}")
"""A line of OpenSSH's for a key of Ed25519."""

PRIVATE_KEY = Shape(r"-----BEGIN OPENSSH PRIVATE KEY-----\n(?s:.*)")
"""A private key in OpenSSH's form."""


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
    shapes = [SECRET] * len(hidden.refs)
    examples = _examples(lambda values: hidden.render(dict(zip(hidden.refs, values, strict=True))), shapes)
    found = re.fullmatch(_pattern(*examples, shapes), text)
    return None if found is None else {hidden.refs[int(name[1:])]: value for name, value in found.groupdict().items()}


def is_woven(woven: Woven, text: str, shapes: Sequence[Shape]) -> bool:
    """Whether `text` can have been made in the way of `woven`, of sources that look like `shapes`."""
    one, other = _examples(woven.render, shapes)
    if not one.startswith(_DOCUMENT):
        return re.fullmatch(_pattern(one, other, shapes), text) is not None
    # A document says the same in many notations.
    try:
        found = yaml.safe_load(text) if text.startswith(_DOCUMENT) else None
    except yaml.YAMLError:
        return False
    return _alike(yaml.safe_load(one), yaml.safe_load(other), found, shapes)


def _alike(one: Any, other: Any, found: Any, shapes: Sequence[Shape]) -> bool:  # noqa: ANN401 - any part of a document
    match one:
        case Mapping():
            same = isinstance(found, Mapping) and one.keys() == found.keys()
            return same and all(_alike(one[key], other[key], found[key], shapes) for key in one)
        case list():
            same = isinstance(found, list) and len(one) == len(found)
            return same and all(_alike(*three, shapes) for three in zip(one, other, found, strict=True))
        case str():
            return isinstance(found, str) and re.fullmatch(_pattern(one, other, shapes), found) is not None
        case _:
            return bool(one == found)


def _examples(render: Callable[[Sequence[str]], str], shapes: Sequence[Shape]) -> tuple[str, str]:
    one, other = ([shape.sample(index, letter) for index, shape in enumerate(shapes)] for letter in "ab")
    return render(one), render(other)


def _pattern(one: str, other: str, shapes: Sequence[Shape]) -> str:
    """What matches two examples, which differ in samples and in digests of these alone, and all others that are made so."""
    parts, known = list[str](), set[int]()
    pieces, twins = _pieces(one, "a", shapes), _pieces(other, "b", shapes)
    if len(pieces) != len(twins):
        return _between(one, other)
    samples = {shape.sample(index, "a"): index for index, shape in enumerate(shapes)}
    for piece, twin in zip(pieces, twins, strict=True):
        index = samples.get(piece)
        if piece == twin:
            parts.append(re.escape(piece))
        elif index is None:
            parts.append(_digest(piece, twin) if _CODED.fullmatch(piece) else _between(piece, twin))
        elif index in known:
            parts.append(f"(?P=v{index})")
        else:
            known.add(index)
            parts.append(f"(?P<v{index}>{shapes[index].pattern})")
    return "".join(parts)


def _pieces(text: str, letter: str, shapes: Sequence[Shape]) -> list[str]:
    """The samples in an example, what may be a digest, and what is between them."""
    samples = [shape.sample(index, letter) for index, shape in enumerate(shapes)]
    parts = re.split(f"({'|'.join(map(re.escape, samples))})", text) if samples else [text]
    return [piece for part in parts for piece in ([part] if part in samples else _CODED.split(part))]


def _digest(one: str, other: str) -> str:
    """What a digest looks like, behind the folders of a path that both examples begin with."""
    folders = one[: _common(one, other)].rpartition("/")[0]
    known = f"{folders}/" if len(folders) >= _WORDS else ""
    return f"{re.escape(known)}[A-Za-z0-9+/=]{{{len(one) - len(known)}}}"


def _between(one: str, other: str) -> str:
    """What begins and ends as both examples do."""
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    return f"{re.escape(one[:start])}(?s:.*){re.escape(one[len(one) - end :])}"


def _common(one: str, other: str) -> int:
    """How many characters both texts begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
