"""The outline of a plan: everything that each context will get, line by line, each with the place that makes it."""

from __future__ import annotations

from plat.outline.build import outline
from plat.outline.model import Line, Outline, Section

__all__ = ["Line", "Outline", "Section", "outline"]
