"""A problem: what an error says, before it is known where it stands."""

import re
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from plat.findings import Finding, Location, Severity

SHOWN_LIMIT = 60
REFUSED = "refused"
_HIDDEN = "(not shown)"

# Every run in these patterns is bounded, so that no text makes them slow. The second half takes a password that itself
# holds a slash, unless what stands there is a port.
_CREDENTIALS = re.compile(r"://[^/?#\s@]{0,512}@|://[^\s@/:]{0,256}:(?![0-9]{1,5}(?:[/?#]|$))[^\s@]{0,256}@")
_NAMES = r"pass(?:word|wd|phrase|code)|pwd|secret|token|credential|(?:api|access|private|signing)[-_]?key"
_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
_SECRET_VALUE = re.compile(
    rf"(?:{_NAMES})[a-z]{{0,9}}\s{{0,9}}[=:]\s{{0,9}}\S|-----BEGIN|\bBearer\s|\bgh[pousr]_|\bAKIA|\beyJ|\bsk-",
    re.IGNORECASE,
)


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


def names_secret(name: str) -> bool:
    """Tell whether a variable of that name probably holds a secret."""
    return _SECRET_NAME.search(name) is not None


def shown(value: object) -> str:
    """Give a value as a message may quote it: on one line, shortened, and hidden where it may be a secret."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _HIDDEN if _holds_secret(text) else f"`{printable(text)}`"


def printable(text: str) -> str:
    """Give a text on one line, shortened, without what a terminal would obey, and hidden where it may be a secret."""
    if _holds_secret(text):
        return _HIDDEN
    shortened = text if len(text) <= SHOWN_LIMIT else f"{text[:SHOWN_LIMIT]}..."
    return "".join(_visible(char) for char in shortened)


def _holds_secret(text: str) -> bool:
    return holds_credentials(text) or _SECRET_VALUE.search(text) is not None


def _visible(char: str) -> str:
    if char == "`":
        return "'"
    return char if char.isprintable() else ascii(char)[1:-1]
