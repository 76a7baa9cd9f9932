from __future__ import annotations

import dataclasses
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from plat.audit import live
from plat.audit.live import cluster, look, mysql, postgresql_catalogue, processes, rabbitmq, redis
from plat.audit.live.entrance import Entrance, UnreadableServer
from plat.findings import Finding
from plat.home import Home
from plat.kubernetes.kubectl import ClusterProblem, Kubectl
from plat.plan.model import Plan, SecretRef, Server
from plat.project import Project
from policies.ground import Ground

ROOT = Path(__file__).resolve().parents[3]
SECRET = "value-of-a-secret"


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No server is asked, and nothing runs here."""
    monkeypatch.setattr(live, "_KINDS", dict.fromkeys(live._KINDS, lambda *_: iter(())))
    monkeypatch.setattr(processes, "ask", lambda *_: ((), ()))
    return monkeypatch


def secrets(plan: Plan) -> dict[SecretRef, str]:
    return dict.fromkeys(plan.secrets, SECRET)


def test_every_server_on_this_machine_is_asked(market: Ground, quiet: pytest.MonkeyPatch, tmp_path: Path) -> None:
    del quiet
    looked = look(market.plan, (), secrets(market.plan), Home(tmp_path), None)

    assert looked == live.Looked((), tuple(server.name for server in market.plan.servers))


def test_a_server_that_does_not_answer_hides_nothing_of_the_others(
    market: Ground, quiet: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def silent(*_: object) -> None:
        msg = f"it says {SECRET}"
        raise UnreadableServer(msg)

    quiet.setitem(live._KINDS, "redis", silent)
    looked = look(market.plan, (), secrets(market.plan), Home(tmp_path), None)

    assert looked.unread == ("it says ***",)
    assert "platform--rabbitmq" in looked.asked


def test_a_secret_that_a_server_repeats_is_not_in_what_is_told(
    market: Ground, quiet: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = Finding(rule="one", message=f"policy `{SECRET}`", hint=f"clear {SECRET}", subject=f"policy `{SECRET}`")
    quiet.setitem(live._KINDS, "rabbitmq", lambda *_: iter((told,)))
    (found,) = look(market.plan, (), secrets(market.plan), Home(tmp_path), None).findings

    assert SECRET not in str(dataclasses.asdict(found))


def test_a_server_whose_secret_nobody_has_yet_is_unread(market: Ground, quiet: pytest.MonkeyPatch, tmp_path: Path) -> None:
    del quiet
    looked = look(market.plan, (), {}, Home(tmp_path), None)

    assert looked.asked == ()
    assert "ordering--postgresql has not been brought up here: `plat up market` does" in looked.unread


def test_servers_on_a_cluster_are_said_not_to_be_asked_and_its_objects_are(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Project(ROOT).plan("order-processing.cluster")
    assert plan.cluster
    kubectl = Kubectl(plan.cluster, ROOT)
    monkeypatch.setattr(cluster, "ask", lambda *_: ())
    looked = look(plan, (), secrets(plan), Home(ROOT), kubectl)

    assert len(looked.skipped) == len(plan.servers)
    assert looked.asked == ("the cluster",)
    assert {finding.rule for finding in looked.findings} == {"right-missing"}


def test_a_cluster_that_does_not_answer_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Project(ROOT).plan("order-processing.cluster")
    assert plan.cluster

    def silent(*_: object) -> None:
        msg = "kubectl get: no answer"
        raise ClusterProblem(msg)

    monkeypatch.setattr(cluster, "ask", silent)

    assert look(plan, (), secrets(plan), Home(ROOT), Kubectl(plan.cluster, ROOT)).unread == ("kubectl get: no answer",)


ASKED: dict[str, Callable[[Server, Entrance, Ground], object]] = {
    "mysql": lambda server, entrance, _: mysql.ask(server, entrance),
    "postgresql": postgresql_catalogue.ask,
    "rabbitmq": lambda server, entrance, _: rabbitmq.ask(server, entrance),
    "redis": lambda server, entrance, _: redis.ask(server, entrance),
}


@pytest.mark.parametrize("kind", ASKED)
def test_a_server_that_is_not_there_is_told_by_its_name_without_a_secret(market: Ground, kind: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Nobody listens there, and nobody else can.
        port = taken.getsockname()[1]
        server = dataclasses.replace(market.servers["platform--rabbitmq"], extra_ports={"management": port})
        with pytest.raises(UnreadableServer, match=rf"^platform--rabbitmq does not .* at 127\.0\.0\.1:{port}") as problem:
            ASKED[kind](server, Entrance("127.0.0.1", port, "admin", SECRET), market)

    assert SECRET not in str(problem.value)


def test_a_password_is_in_no_text_about_an_entrance() -> None:
    assert SECRET not in repr(Entrance("127.0.0.1", 1, "admin", SECRET))
