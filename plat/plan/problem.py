"""What the plan cannot be made of."""

from __future__ import annotations

from typing import NoReturn

from plat.findings import Location


class PlanProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """A landscape that is sound, but that this environment cannot provision. The message is for the user."""


def refuse(location: Location, reason: str) -> NoReturn:
    """Raises PlanProblem with the place in the descriptor that asks for what cannot be had."""
    msg = f"{location}: {reason}"
    raise PlanProblem(msg)
