"""Tracking: where a parcel is. One context of two parts, which may run as one module or as two deployables.

`command` takes scans in and answers for the context; `projection` makes of scans the journey that customers see. Both are
of one team and one model, and meet in the context's own database: that it has two deployables is nobody else's business.
"""

from __future__ import annotations

from samples.environment import Environment
from samples.parcel_shipping.tracking import command, projection
from samples.service import Service, together


def make(environment: Environment) -> Service:
    """Both parts in one process. Raises MisconfiguredError where its database or an event is missing."""
    return together({"command": command.make(environment), "projection": projection.make(environment)})
