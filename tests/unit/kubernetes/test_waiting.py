"""While a cluster is waited for each reason is told once, and no secret is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, cast

import pytest

from plat.kubernetes import waiting
from plat.kubernetes.kubectl import ClusterProblem
from plat.kubernetes.reasons import Reason
from plat.kubernetes.runtime import ClusterRuntime
from plat.kubernetes.waiting import Told

SECRET = "S3cretOfTheServerOfSales"
IMAGE = Reason("sales", "image", "`x` cannot be pulled: not found", "shop--sales")
PROBE = Reason("stock", "probe", f"Readiness probe failed: {SECRET}", "shop--stock", "stock-7")


class Runtime:
    """Sees `looks`, one after the other, and the last one for ever."""

    def __init__(self, *looks: Sequence[Reason] | ClusterProblem) -> None:
        self._looks = list(looks)

    def reasons(self) -> Sequence[Reason]:
        seen = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        if isinstance(seen, ClusterProblem):
            raise seen
        return seen

    def last_words(self, reason: Reason, tail: int) -> str:
        assert (reason, tail > 0) == (PROBE, True)
        return f"listening\npassword {SECRET}\n"


def told(runtime: Runtime, said: list[str]) -> Told:
    return Told(cast(ClusterRuntime, cast(Any, runtime)), lambda: [SECRET, "short"], said.append)


def test_at_the_end_each_reason_is_told_with_its_log_and_what_to_do() -> None:
    said: list[str] = []
    told(Runtime([IMAGE, PROBE]), said).at_the_end()
    assert said == [
        "sales does not start (image): `x` cannot be pulled: not found",
        f"    {IMAGE.remedy}",
        "stock does not start (probe): Readiness probe failed: [secret]",
        "    | listening",
        "    | password [secret]",
        f"    {PROBE.remedy}",
    ]


def test_while_waiting_each_reason_that_stays_is_told_once_without_words_that_may_hold_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "_PAUSE", 0.01)
    said: list[str] = []
    passing = Reason("desk", "volume", "not bound yet", "shop--desk")
    runtime = Runtime([passing], ClusterProblem("too busy"), [IMAGE], [IMAGE, PROBE])
    with told(runtime, said).while_waiting():
        give_up = time.monotonic() + 10
        while len(said) < 2 and time.monotonic() < give_up:
            time.sleep(0.01)
    assert said == [
        "waiting for sales (image): `x` cannot be pulled: not found",
        "waiting for stock (probe): what asks whether it is ready gets no good answer",
    ]


def test_a_cluster_that_says_nothing_hides_no_other_failure() -> None:
    said: list[str] = []
    told(Runtime(ClusterProblem("gone")), said).at_the_end()
    assert said == []
