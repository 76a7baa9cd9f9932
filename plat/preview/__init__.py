"""What an update would change, in the words of the domain, and whether that is still so."""

from __future__ import annotations

from plat.preview.compare import differences
from plat.preview.make import preview
from plat.preview.model import Report, ReportProblem, read

__all__ = ["Report", "ReportProblem", "differences", "preview", "read"]
