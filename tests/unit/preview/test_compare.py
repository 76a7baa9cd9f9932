"""A report that no longer says what would change is refused, with what differs."""

from __future__ import annotations

import dataclasses

import pytest

from plat.landscape import Landscape
from plat.plan.model import Plan
from plat.preview import Report, differences
from plat.preview.model import Change
from plat.rollout import State
from tests.unit.preview.shop import log_of, of_one_stack, step


@pytest.fixture
def said(plan: Plan, landscape: Landscape) -> Report:
    changed = step("update", "platlocal:index:Process", "goods", {"a": 1}, {"a": 2}, keys=["environment.A"])
    return of_one_stack(plan, landscape, log_of(changed, owner="goods"))


def now(said: Report, **parts: object) -> Report:
    """The same report with another stack."""
    return dataclasses.replace(said, stacks=(dataclasses.replace(said.stacks[0], **parts),))  # type: ignore[arg-type]


def test_a_merge_makes_another_commit_and_changes_nothing(said: Report) -> None:
    merged = dataclasses.replace(said, made=dataclasses.replace(said.made, commit="fedcba", plan="cccc"))

    assert differences(said, merged) == ()


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"to": "other"}, "shop.test: its descriptors say something else than those that the report was made of"),
        ({"since": "other"}, "shop.test: it has been brought up since the report was made"),
        (
            {"changes": ()},
            "shop.test: update of platlocal:index:Process `goods` (environment.A) is in the report, and would not happen now",
        ),
        ({"state": "current"}, "shop.test: it would not change any more"),
    ],
)
def test_each_way_to_differ_is_told(said: Report, parts: dict[str, object], reason: str) -> None:
    assert differences(said, now(said, **parts)) == (reason,)


def test_what_the_report_does_not_name_is_told(said: Report) -> None:
    more = Change("delete", "platlocal:index:Server", "sales--redis", "urn", ())
    found = now(said, changes=(*said.stacks[0].changes, more))

    assert differences(said, found) == ("shop.test: delete of platlocal:index:Server `sales--redis` is not in the report",)


def test_another_version_of_plat_is_told(said: Report) -> None:
    other = dataclasses.replace(said, made=dataclasses.replace(said.made, program="other"))

    assert differences(said, other) == (
        "Plat itself, or a library that it is built on, is another one than the report was made with",
    )


def test_a_report_on_something_else_is_told(said: Report) -> None:
    other = dataclasses.replace(said, units=("goods",))

    assert differences(said, other) == ("the report is on shop in test, and this is shop in test (goods)",)


def test_a_report_that_is_not_complete_allows_nothing(plan: Plan, landscape: Landscape, said: Report) -> None:
    partial = of_one_stack(plan, landscape, log_of(), state=State.FAILED)

    assert differences(partial, said)[0] == (
        "the report does not show all that would change: the preview of shop.test did not end well"
    )
