"""Proves a landscape's fences: tries every right of everybody with its own credentials, and compares with the plan."""

from plat.verify.expectations import expectations
from plat.verify.model import Cell, Door, Outcome, Result
from plat.verify.report import Report
from plat.verify.run import verify

__all__ = ["Cell", "Door", "Outcome", "Report", "Result", "expectations", "verify"]
