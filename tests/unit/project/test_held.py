"""What a stack's program is given is what the landscape says, however it comes by it, and it loads no more than it needs."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from plat.held import Held
from plat.project import Project
from plat.refusal import Refusal
from plat.rules import Facts

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {"networkx", "plat.descriptors.models", "plat.environment", "plat.project", "pydantic"}
STACKS = ("order-processing.units", "order-processing.cluster-units")


@pytest.mark.parametrize("whole", STACKS)
def test_it_is_the_same_whether_it_is_kept_or_not(whole: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAT_HOME", str(tmp_path))
    landscape, _, environment = whole.partition(".")
    stack = f"{landscape}.notification.{environment}"
    before = Held(ROOT, stack)
    assert before.share() == Project(ROOT).share(stack)
    kept = Held(ROOT, stack)
    assert kept.share() == before.share()
    plan = Project(ROOT).plan(whole)
    for held in (before, kept):
        of_all, facts = held.judged_by()
        assert dataclasses.replace(of_all, claims=plan.claims) == plan
        assert facts == Facts.of(plan.teams, plan.claims)


@pytest.mark.parametrize(
    "stack", ["order-processing.units", "order-processing.nobody.units", "order-processing", "a.b.c.d", ""]
)
def test_a_stack_that_there_is_not_is_refused_kept_or_not(stack: str) -> None:
    Project(ROOT).plan("order-processing.units")
    with pytest.raises(Refusal) as refused:
        Held(ROOT, stack).share()
    with pytest.raises(Refusal) as said:
        Project(ROOT).share(stack)
    assert refused.value.lines == said.value.lines


def test_where_it_is_kept_nothing_is_loaded_that_only_planning_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAT_HOME", str(tmp_path))
    Project(ROOT).plan("order-processing.cluster-units")
    program = (
        "import sys; from pathlib import Path; from plat.held import Held\n"
        "import components.kubernetes.landscape, policies.bench\n"
        "Held(Path.cwd(), 'order-processing.notification.cluster-units').share()\n"
        f"print(*sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
