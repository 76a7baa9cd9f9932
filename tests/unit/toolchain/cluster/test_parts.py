from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolchain.cluster import packages
from toolchain.cluster.build import Built
from toolchain.cluster.control import Cluster
from toolchain.cluster.daemons import Programs, containerd_settings, daemons, kubelet_settings
from toolchain.cluster.errors import NotRunningError
from toolchain.cluster.manifests import FREE_VOLUMES, further_volumes
from toolchain.cluster.packages import Packages
from toolchain.cluster.places import KIND, Places
from toolchain.cluster.programs import KUBERNETES, Program, plugin_version
from toolchain.cluster.waiting import Waiting, dns_query
from toolchain.progress import Progress
from toolchain.sandbox import namespaces
from toolchain.sandbox import packages as administration
from toolchain.sandbox.errors import DaemonDiedError, NotInTimeError, NotRootError
from toolchain.sandbox.processes import Daemon, Processes
from toolchain.site import Site

CHECKOUT = Path(__file__).resolve().parents[4]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(Site(CHECKOUT, tmp_path / "cache", root=False), tmp_path / "state", tmp_path / "run")


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    (tmp_path / "run").mkdir()
    running = Processes(tmp_path / "run", tmp_path / "logs")
    yield running
    for pid in running.running:
        running.end(pid)


def sleeping(seconds: str = "60") -> Daemon:
    return Daemon("sleeper", ("sleep", seconds))


def test_a_daemon_is_found_again_and_ended(processes: Processes) -> None:
    processes.start(sleeping(), ())
    pid = processes.pid("sleeper")
    assert pid is not None
    assert os.getsid(pid) == pid
    assert processes.current(sleeping())
    processes.end(pid)
    assert processes.pid("sleeper") is None


def test_a_daemon_that_would_be_started_otherwise_is_not_current(processes: Processes) -> None:
    processes.start(sleeping(), ())
    assert not processes.current(sleeping("61"))
    assert not processes.current(Daemon("sleeper", sleeping().command, reads=[b"settings"]))


def test_another_process_under_a_known_number_is_not_taken_for_the_daemon(processes: Processes, tmp_path: Path) -> None:
    processes.start(sleeping(), ())
    file = tmp_path / "run" / "sleeper.pid"
    pid, started, key = file.read_text(encoding="utf-8").split()
    processes.end(int(pid))
    file.write_text(f"{os.getpid()}\n{started}\n{key}\n", encoding="utf-8")
    assert processes.pid("sleeper") is None


def test_a_daemon_that_has_ended_is_told_with_its_last_lines(processes: Processes) -> None:
    processes.start(Daemon("failing", ("sh", "-c", "echo the reason")), ())
    end = time.monotonic() + 30
    while processes.pid("failing") and time.monotonic() < end:
        time.sleep(0.01)
    with pytest.raises(DaemonDiedError, match="failing has ended; its last lines were\n    the reason\n"):
        processes.check(["failing"])


NOBODY = "nobody listens"


def test_what_does_not_come_about_is_named_with_the_last_answer(tmp_path: Path) -> None:
    def refused() -> bool:
        raise ConnectionRefusedError(NOBODY)

    with pytest.raises(NotInTimeError, match="the node gets ready: not within 0 s; the last answer was: nobody listens"):
        Waiting(tmp_path, lambda: None).until("the node gets ready", refused, 0.1)


def test_so_many_volumes_are_made_that_enough_are_free_and_none_twice() -> None:
    assert len(list(further_volumes([], 0))) == FREE_VOLUMES
    assert list(further_volumes(["local-001", "local-003"], FREE_VOLUMES - 2)) == ["local-002", "local-004"]
    assert list(further_volumes(["local-001"], FREE_VOLUMES + 1)) == []


def test_a_question_to_dns_is_written_as_the_protocol_has_it() -> None:
    asked = dns_query("a.example")
    assert asked[12:] == b"\x01a\x07example\x00\x00\x01\x00\x01"


def test_all_daemons_have_names_of_their_own_and_only_who_mounts_enters_the_mounts(places: Places) -> None:
    found = daemons(places, Programs(Path("/kubernetes"), Path("/kube-router")))
    assert [daemon.name for daemon in found if daemon.mounts] == ["containerd", "kubelet"]
    assert len({daemon.name for daemon in found}) == len(found)


def test_the_api_server_asks_who_may_do_what(places: Places) -> None:
    found = daemons(places, Programs(Path("/kubernetes"), Path("/kube-router")))
    (server,) = (daemon.command for daemon in found if daemon.name == "kube-apiserver")
    assert {"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction"} <= set(server)


def test_containers_and_pods_lie_in_folders_and_groups_of_the_clusters_own(places: Places) -> None:
    settings = containerd_settings(places, places.state)
    assert f'root = "{places.cache}/containerd"' in settings
    assert f'state = "{places.run}/containerd"' in settings
    assert kubelet_settings(places, places.state)["cgroupRoot"] == "/plat-cluster"


def test_missing_packages_are_named_by_the_command_that_gets_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(administration, "_ADMINISTRATION", ())
    monkeypatch.setattr(packages, "CNI_FOLDERS", (tmp_path,))
    for program in ("conntrack", "ip", "nft", "nsenter", "openssl", "runc", "unshare", "ipset", "mmdebstrap", "containerd"):
        (tmp_path / program).write_text("#!/bin/sh\n", encoding="utf-8")
        (tmp_path / program).chmod(0o755)
    (missing,) = Packages(Site(CHECKOUT, tmp_path, root=False), f"{tmp_path}", KIND).lacks()
    assert str(missing) == (
        "containerd containernetworking-plugins iptables is missing: the cluster runs on it. "
        "To get it: `apt-get install containerd containernetworking-plugins iptables` (as root)"
    )


def test_a_program_carries_the_version_that_its_module_pins(places: Places) -> None:
    assert Program(places.site, KUBERNETES).version == "v1.34.2"
    assert plugin_version(places.site) == "4.25.0"


def test_who_is_not_root_is_told_what_root_is_needed_for(places: Places) -> None:
    cluster = Cluster(places, Built(places))
    with pytest.raises(NotRootError, match="bringing it up needs root: "):
        cluster.up(Progress())


def test_no_image_can_be_named_where_no_cluster_runs(places: Places) -> None:
    with pytest.raises(NotRunningError, match="no cluster runs"):
        Cluster(places, Built(places)).tag(["orders:1"])


def test_a_cluster_of_another_checkout_is_left_alone_and_named(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Places, "kubeconfig", places.state / "cluster" / "kubeconfig")
    places.kubeconfig.parent.mkdir(parents=True)
    places.kubeconfig.touch()
    places.run.mkdir(exist_ok=True)
    places.owner.write_text("/srv/there\n", encoding="utf-8")
    assert Cluster(places, Built(places)).down(Progress()) == Path("/srv/there")
    assert not places.kubeconfig.parent.exists()
    assert places.owner.exists()


def test_folders_that_were_missing_are_named_and_go_again_unless_somebody_uses_them(tmp_path: Path) -> None:
    made = namespaces._make(tmp_path / "a" / "b")
    assert made == [tmp_path / "a" / "b", tmp_path / "a"]
    (tmp_path / "a" / "used").touch()
    for folder in made:
        namespaces._remove_if_empty(folder)
    assert (tmp_path / "a").exists()
    assert not (tmp_path / "a" / "b").exists()


def test_the_commands_explain_themselves() -> None:
    command = [sys.executable, "-m", "toolchain.cluster", "--help"]
    told = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert all(name in told for name in ("build", "up", "down", "status", "tag"))
