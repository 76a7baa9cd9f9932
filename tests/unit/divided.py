"""Landscapes that tests divide into the shares of units."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from plat.plan.model import Plan
from plat.project import CONTEXTS_VARIABLE, Project

ROOT = Path(__file__).resolve().parents[2]
LANDSCAPES = (
    "contexts/e-commerce",
    "contexts/order-processing",
    "contexts/parcel-shipping",
    "contexts/restaurant",
    "contexts/workforce",
    "tests/landscapes/emporium",
    "tests/landscapes/market",
    "tests/landscapes/parcels",
)
HERE, ON_CLUSTER = "units", "cluster-units"
QUICK = tuple(f"tests/landscapes/market.{environment}" for environment in (HERE, ON_CLUSTER))
"""Those of `cases` that the quick loop takes."""


def cases(landscapes: Iterable[str]) -> list[str]:
    """Each of `landscapes` on this machine and on a cluster, in one word."""
    return [f"{landscape}.{environment}" for landscape in landscapes for environment in (HERE, ON_CLUSTER)]


def called(case: str) -> str:
    """What a test calls one of them."""
    return case.rpartition("/")[2]


def planned(case: str) -> Plan:
    """The plan of one of them."""
    folder, _, stack = case.rpartition("/")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / folder))
        return Project(ROOT).plan(stack)
