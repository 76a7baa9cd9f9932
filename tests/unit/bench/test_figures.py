from __future__ import annotations

from bench.apiserver import requests_in
from bench.figures import ADD, BRING_UP, CHANGE, NO_CHANGE, Figure, programs, table, typical, verdicts
from bench.measure import Usage
from bench.policies import shares


def figure(contexts: int, operation: str, wall: float, contender: str = "plat", code: int | None = 0) -> Figure:
    return Figure(contender, contexts, operation, Usage(wall, 2 * wall, 512.4, code, {"pulumi": 1.26, "sh": 0.04}), 1234)


def test_the_table_has_a_row_for_each_operation_and_a_column_for_each_contender() -> None:
    figures = [
        figure(100, BRING_UP, 1200, code=None),
        figure(10, BRING_UP, 12.34),
        figure(10, NO_CHANGE, 1.5),
        figure(10, BRING_UP, 30, "other", code=3),
    ]
    assert table(figures).splitlines() == [
        "| contexts | operation | plat | other |",
        "|---|---|---|---|",
        "| 10 | bring-up | **12.3** / 24.7 / 512 / 1,234 | failed after 30 s |",
        "| 10 | no change | **1.5** / 3.0 / 512 / 1,234 | - |",
        "| 10 | change one context | - | - |",
        "| 10 | add one context | - | - |",
        "| 100 | bring-up | > 20 min | - |",
        "| 100 | no change | - | - |",
        "| 100 | change one context | - | - |",
        "| 100 | add one context | - | - |",
    ]


def test_a_target_is_met_or_missed_by_the_smallest_size_and_the_largest_that_was_done() -> None:
    figures = [
        figure(10, BRING_UP, 20),
        figure(10, NO_CHANGE, 1),
        figure(10, CHANGE, 3),
        figure(10, ADD, 10),
        figure(1000, BRING_UP, 3000),
        figure(1000, NO_CHANGE, 4),
        figure(1000, ADD, 11.5),
        figure(2000, ADD, 1200, code=None),
        figure(1000, ADD, 99, "other"),
    ]
    assert list(verdicts(figures, "plat")) == [
        "met: adding one context to 1,000 takes as long as adding one to 10, times 1.15 (target: at most 1.2)",
        "met: a run of 1,000 that changes nothing takes seconds 4.00 (target: at most 5)",
        "MISSED: bring-up of one of 1,000 takes as long as of one of 10, times 1.50 (target: at most 1.2)",
    ]


def test_of_what_was_done_several_times_the_middle_is_told_and_what_failed_before_all() -> None:
    added = [figure(10, ADD, wall) for wall in (9, 30, 11)]
    even = [figure(10, CHANGE, wall) for wall in (3, 4)]
    failed = figure(100, ADD, 5, code=1)
    figures = [figure(10, BRING_UP, 20), *added, *even, figure(100, ADD, 4), failed, figure(100, ADD, 6)]
    assert typical(figures) == [figure(10, BRING_UP, 20), added[2], even[1], failed]


def test_programs_are_told_that_took_some_time() -> None:
    assert list(programs([figure(1000, ADD, 1)])) == ["1,000, add one context, plat: pulumi 1.3"]


def test_nothing_is_said_of_targets_without_figures() -> None:
    assert list(verdicts([figure(10, ADD, 1), figure(10, BRING_UP, 1)], "plat")) == []


def test_only_what_contenders_ask_for_is_counted() -> None:
    metrics = """\
# TYPE apiserver_flowcontrol_dispatched_requests_total counter
apiserver_flowcontrol_dispatched_requests_total{flow_schema="contender",priority_level="exempt"} 1.2e+03
apiserver_flowcontrol_dispatched_requests_total{flow_schema="exempt",priority_level="exempt"} 77
apiserver_flowcontrol_request_wait_duration_seconds_count{execute="true",flow_schema="contender"} 9
"""
    assert requests_in(metrics) == 1200
    assert requests_in("") == 0


def test_the_packs_share_is_of_medians_and_without_the_bring_up() -> None:
    figures = [figure(10, BRING_UP, 500)]
    figures += [figure(10, "with the pack", wall) for wall in (10, 20, 90)]
    figures += [figure(10, "without it", wall) for wall in (18, 9, 19)]
    assert shares(figures) == [
        "wall         20.0 s with the pack,   18.0 s without it: 10% of the update",
        "processors   40.0 s with the pack,   36.0 s without it: 10% of the update",
    ]
