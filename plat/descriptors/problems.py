"""A problem: what an error says, before it is known where it stands."""

import re
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from plat.findings import Finding, Location, Severity

SHOWN_LIMIT = 60
REFUSED = "refused"
_HIDDEN = "(not shown)"

# The second half takes a password that itself holds a slash; its runs are bounded so that no text makes it slow.
_CREDENTIALS = re.compile(r"://[^/?#\s@]{0,512}@|://[^\s@/:]{0,256}:[^\s@]{0,256}@")
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

    def at(
        self, location: Location, *, field: str = "", subject: str = "", related: tuple[Location, ...] = ()
    ) -> Finding:
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
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    if holds_credentials(text) or _SECRET_WORD.search(text) or _SECRET_WORD.search(field):
        return _HIDDEN
    printable = "".join(char if char.isprintable() and char != "`" else _escaped(char) for char in text[:SHOWN_LIMIT])
    return f"`{printable}{'...' if len(text) > SHOWN_LIMIT else ''}`"


def _escaped(char: str) -> str:
    return ascii(char)[1:-1] if char != "`" else "'"
