"""A problem: what an error says, before it is known where it stands."""

import re
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from plat.findings import Finding, Location, Severity

SHOWN_LIMIT = 60
REFUSED = "refused"
_HIDDEN = "(not shown)"

# The second half takes a password that itself holds a slash, unless what stands there is a port; its runs are bounded so
# that no text makes it slow.
_CREDENTIALS = re.compile(r"://[^/?#\s@]{0,512}@|://[^\s@/:]{0,256}:(?![0-9]{1,5}(?:[/?#]|$))[^\s@]{0,256}@")
_SECRET_WORD = re.compile(r"(?i)passw|passphrase|pwd|secret|token|credential|api[-_]?key|private[-_]?key|-----BEGIN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What an error of the catalogue says: the rule's id, the message, the way out, and the field it blames.

    `field` is relative to the value that was judged (`min`, or empty for the value itself).
    """

    rule: str
    message: str
    hint: str = ""
    field: str = ""
    severity: Severity = Severity.ERROR

    def at(self, location: Location, *, field: str = "", subject: str = "", related: tuple[Location, ...] = ()) -> Finding:
        """Give the finding: this problem at its place."""
        return Finding(
            rule=self.rule,
            severity=self.severity,
            message=self.message,
            location=location,
            field=field,
            subject=subject,
            hint=self.hint,
            related=related,
        )


def refused(*problems: Problem) -> PydanticCustomError:
    """Wrap problems for pydantic, which carries them to the place of the value."""
    return PydanticCustomError(REFUSED, REFUSED, {"problems": problems})


def holds_credentials(text: str) -> bool:
    """Tell whether a URL with a user name or a password stands in `text`."""
    return "://" in text and _CREDENTIALS.search(text) is not None


def shown(value: object, *, field: str = "") -> str:
    """Give a value as a message may quote it: on one line, shortened, and hidden where it may be a secret."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    hidden = _SECRET_WORD.search(text) or _SECRET_WORD.search(field)
    return _HIDDEN if hidden else f"`{printable(text)}`".replace(f"`{_HIDDEN}`", _HIDDEN)


def printable(text: str) -> str:
    """Give a text on one line, shortened, without what a terminal would obey, and without credentials."""
    if holds_credentials(text):
        return _HIDDEN
    shortened = text if len(text) <= SHOWN_LIMIT else f"{text[:SHOWN_LIMIT]}..."
    return "".join(_visible(char) for char in shortened)


def _visible(char: str) -> str:
    if char == "`":
        return "'"
    return char if char.isprintable() else ascii(char)[1:-1]
