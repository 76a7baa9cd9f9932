"""What is asked of a project: which landscapes, in which environments, on which day."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

from plat.refusal import Unreadable

CONTEXTS_VARIABLE = "PLAT_CONTEXTS"
"""Names another folder of landscapes than the project's `contexts/`."""

TODAY_VARIABLE = "PLAT_TODAY"
"""Names another day (YYYY-MM-DD) than the system's: what would be found then, when contracts and exceptions have ended?"""


ENVIRONMENTS = Path("stacks") / "environments"
"""The folder of a project that holds a file per environment."""


def landscapes(root: Path) -> Path:
    """The folder that holds a folder per landscape."""
    return Path(os.environ.get(CONTEXTS_VARIABLE) or root / "contexts")


def listed(variable: str) -> tuple[str, ...]:
    """The names that a variable for the program holds, with commas between; none where it is not set."""
    return tuple(name for name in os.environ.get(variable, "").split(",") if name)


def today() -> date:
    """The day on which landscapes are judged, in UTC so that it is the same for everybody. Raises Unreadable."""
    said = os.environ.get(TODAY_VARIABLE)
    if not said:
        return datetime.now(UTC).date()
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = None
    if day is None or day.isoformat() != said:
        msg = f"{TODAY_VARIABLE} is `{said}`, which is no day written as YYYY-MM-DD, as in 2027-01-31"
        raise Unreadable([msg])
    return day
