from __future__ import annotations

from plat.audit.live.processes import findings
from policies.ground import Ground
from providers.local.spec import Spec


def program(name: str, kind: str = "process", owner: str = "") -> Spec:
    return Spec(
        name=name, owner=owner or name, kind=kind, order=10, command=("true",), environment={}, workdir="/", host="127.0.0.1"
    )


def test_what_the_landscape_runs_is_not_reported(market: Ground) -> None:
    names = [workload.name for workload in market.plan.workloads]
    programs = [*map(program, names), program("platform--rabbitmq-epmd", "epmd", "platform--rabbitmq")]

    assert list(findings(programs, ["platform--rabbitmq", "billing--redis"], market.plan)) == []


def test_a_process_of_nobody_is_left_over_and_data_of_nobody_is_kept(market: Ground) -> None:
    programs = [program("billing-old"), program("archive--redis", "redis")]
    found = list(findings(programs, ["archive--redis", "lost--postgresql"], market.plan))

    assert [(item.rule, str(item.severity), item.subject) for item in found] == [
        ("left-over", "error", "process `billing-old`"),
        ("kept-data", "warning", "server `archive--redis`"),
        ("kept-data", "warning", "server `lost--postgresql`"),
    ]
