from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from plat.plan.model import Plan
from plat.plan.problem import PlanProblem
from plat.project import Project, Refusal, Unreadable
from tests.unit.plan.conftest import GOODS, LANDSCAPE, SALES, write

ENVIRONMENT = """
apiVersion: plat/v1
kind: Environment
name: local
targets: {kubernetes: local, vm: local}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("PLAT_CONTEXTS", raising=False)
    monkeypatch.delenv("PLAT_TODAY", raising=False)
    write(tmp_path / "contexts" / "shop", {"landscape.yaml": LANDSCAPE, "sales.yaml": SALES, "goods.yaml": GOODS})
    write(tmp_path / "stacks" / "environments", {"local.yaml": ENVIRONMENT})
    return Project(tmp_path)


def test_the_stacks_name_says_which_landscape_and_which_environment(project: Project) -> None:
    plan = project.plan("shop.local")

    assert (plan.landscape, plan.environment, plan.stack) == ("shop", "local", "shop.local")


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        (
            "shop",
            (
                "stack `shop` is named neither <landscape>.<environment>, as in `order-processing.local`, nor "
                "<landscape>.<unit>.<environment>, as in `order-processing.notification.local`"
            ),
        ),
        ("shop.prod", "there is no environment `prod`: stacks/environments/prod.yaml does not exist (there are: local)"),
        ("shpo.local", "there is no landscape `shpo`: contexts/shpo does not exist (there are: shop)"),
    ],
)
def test_a_stack_that_means_nothing_here_is_one_clear_message(project: Project, stack: str, message: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        project.plan(stack)

    assert str(refusal.value) == message


def test_a_landscape_that_breaks_a_rule_gets_no_plan(project: Project) -> None:
    goods = project.root / "contexts" / "shop" / "goods.yaml"
    goods.write_text(GOODS + "accesses: [{datastore: sales/postgresql, mode: write, tables: [orders]}]\n")

    with pytest.raises(Refusal) as refusal:
        project.plan("shop.local")

    assert refusal.value.lines[0].startswith(
        "contexts/shop/goods.yaml:12:12: error[datastore-ownership]: `goods` (goods-team) writes to datastore "
        "`sales--postgresql` (tables orders), which belongs to `sales` (sales-team), and there is no contract"
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("accesses: [{datastore: sales/postgresql, mode: write, tables: [orders]}]", "error[datastore-ownership]"),
        ("accesses: [{datastore: sale/postgresql, mode: read, tables: [orders]}]", "`sale`"),
    ],
)
def test_a_refusal_is_told_before_what_cannot_be_planned_and_instead_of_it(
    project: Project, monkeypatch: pytest.MonkeyPatch, wrong: str, message: str
) -> None:
    def fails(*_: object) -> Plan:
        msg = "contexts/shop/goods.yaml:3:1: it fits nowhere"
        raise PlanProblem(msg)

    monkeypatch.setattr("plat.project.build", fails)
    with pytest.raises(Refusal, match="it fits nowhere"):
        project.plan("shop.local")

    goods = project.root / "contexts" / "shop" / "goods.yaml"
    goods.write_text(f"{GOODS}{wrong}\n")
    with pytest.raises(Refusal) as refusal:
        project.plan("shop.local")
    assert message in str(refusal.value)
    assert "nowhere" not in str(refusal.value)


@pytest.mark.parametrize(
    ("sentence", "text", "message"),
    [
        (
            "an unknown key",
            ENVIRONMENT + "size: 3\n",
            "stacks/environments/local.yaml:6: size: Extra inputs are not permitted",
        ),
        ("another name", ENVIRONMENT.replace("local\n", "other\n", 1), "name is `other`, but the file is called local.yaml"),
        ("no YAML", "a: [", "stacks/environments/local.yaml: cannot be read"),
        ("a range upside down", ENVIRONMENT + "ports: {first: 3000, last: 2000}\n", "last (2000) is below first (3000)"),
    ],
)
def test_a_wrong_environment_is_refused_with_its_file(project: Project, sentence: str, text: str, message: str) -> None:
    (project.root / "stacks" / "environments" / "local.yaml").write_text(text)

    with pytest.raises(Unreadable) as refusal:
        project.plan("shop.local")

    assert message in str(refusal.value), sentence


def test_a_literal_that_leads_to_another_contexts_database_gets_no_plan(project: Project) -> None:
    port = project.plan("shop.local").server("sales--postgresql").port
    goods = project.root / "contexts" / "shop" / "goods.yaml"
    goods.write_text(GOODS.replace("goods]}", f"goods], environment: {{STOCK_HOST: 'localhost:{port}'}}}}"))

    with pytest.raises(Refusal) as refusal:
        project.plan("shop.local")

    assert "error[datastore-ownership]: `goods` (goods-team)" in refusal.value.lines[0]
    assert "`sales--postgresql`" in refusal.value.lines[0]


def test_what_is_worked_out_of_a_plan_while_it_is_judged_saves_none_that_is_refused(project: Project) -> None:
    port = project.plan("shop.local").server("sales--postgresql").port
    seen: list[Plan] = []
    assert project.planned("shop.local", seen.append) is seen[0]
    goods = project.root / "contexts" / "shop" / "goods.yaml"
    for text in (
        GOODS.replace("goods]}", f"goods], environment: {{STOCK_HOST: 'localhost:{port}'}}}}"),
        GOODS + "accesses: [{datastore: sales/postgresql, mode: write, tables: [orders]}]\n",
    ):
        goods.write_text(text)
        with pytest.raises(Refusal, match="datastore-ownership"):
            project.planned("shop.local", seen.append)


def test_what_has_expired_is_judged_by_the_day_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAT_TODAY", "2027-01-31")

    assert Project(tmp_path).today == date(2027, 1, 31)


def test_where_no_day_is_named_it_is_todays(project: Project) -> None:
    before = project.today

    assert before <= Project(project.root).today <= datetime.now(UTC).date()


@pytest.mark.parametrize("said", ["tomorrow", "2027-02-30", "20270131", "2027-W04-7", "31.1.2027"])
def test_a_day_that_cannot_be_read_is_one_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("PLAT_TODAY", said)

    with pytest.raises(Unreadable) as refusal:
        Project(tmp_path)

    assert str(refusal.value) == f"PLAT_TODAY is `{said}`, which is no day written as YYYY-MM-DD, as in 2027-01-31"
