"""From bytes to text: UTF-8 only, and no character that hides or reorders others."""

import re

from plat.descriptors.errors import reading
from plat.descriptors.problems import Problem
from plat.descriptors.tree import Position

SIZE_LIMIT = 524_288

# Controls, format characters (bidirectional marks, joiners, tags), line separators, invisible letters, surrogates,
# private use; after Unicode TR 36 and 39. A no-break space is what comes with text copied from a web page.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufeff\uffa0\ufff0-\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_MARKS = ((b"\xff\xfe", "UTF-16 or UTF-32"), (b"\xfe\xff", "UTF-16"), (b"\xef\xbb\xbf", "with a byte order mark"))


class NotText(Exception):  # noqa: N818 - it says what the bytes are
    """Bytes that are not acceptable text: why, and where."""

    def __init__(self, problem: Problem, position: Position) -> None:
        self.problem = problem
        self.position = position
        super().__init__(problem.message)


def decode(data: bytes) -> str:
    """Give the text of a descriptor. Raises NotText for what is too large, empty, not UTF-8 or holds a hidden character."""
    if len(data) > SIZE_LIMIT:
        raise NotText(reading.too_large(SIZE_LIMIT), Position(1, 1))
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            raise NotText(reading.not_utf8(encoding), Position(1, 1))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise NotText(reading.not_utf8(f"byte 0x{data[error.start]:02X}"), position_after(before)) from None
    hidden = FORBIDDEN.search(text)
    if hidden:
        raise NotText(reading.forbidden_character(hidden.group()), position_after(text[: hidden.start()]))
    if not text.strip():
        raise NotText(reading.empty_file(), Position(1, 1))
    return text


def position_after(before: str) -> Position:
    """Give the line and column that follow on `before`."""
    lines = _LINE_BREAK.split(before)
    return Position(len(lines), len(lines[-1]) + 1)
