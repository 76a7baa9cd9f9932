"""Reports of a check: what is wrong with landscapes, for people, for programs and for code hosts; a module per format."""

from __future__ import annotations

from enum import StrEnum

from plat.reports.model import Report

__all__ = ["CheckFormat", "Report"]


class CheckFormat(StrEnum):
    """How the report of a check is printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
