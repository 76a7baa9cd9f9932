"""The launcher's own parts; that it launches is shown with real programs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from providers.local import launch


def test_it_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse(Path(launch.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_a_process_is_known_by_id_and_start_time(tmp_path: Path) -> None:
    launch.remember(tmp_path / "pid")
    assert (tmp_path / "pid").read_text() == f"{os.getpid()} {launch.start_time(os.getpid())}"
    assert launch.start_time(os.getpid()) > 0


def test_one_that_has_ended_has_no_start_time() -> None:
    with subprocess.Popen(["true"]) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        assert launch.start_time(ended.pid) == 0
    assert launch.start_time(ended.pid) == 0


def test_what_a_dead_leader_has_left_of_its_group_is_killed(tmp_path: Path) -> None:
    script = "sleep 1000 & echo $!"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True) as leader:
        assert leader.stdout
        child = int(leader.stdout.readline())
        leader.wait()
    (tmp_path / "pid").write_text(f"{leader.pid} 1")
    assert launch.start_time(child) > 0
    launch.end_orphans(tmp_path / "pid")
    for _ in range(1000):
        if launch.start_time(child) == 0:
            break
        os.sched_yield()
    assert launch.start_time(child) == 0


def test_a_group_whose_leader_lives_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as leader:
        (tmp_path / "pid").write_text(f"{leader.pid} 1")
        launch.end_orphans(tmp_path / "pid")
        assert launch.start_time(leader.pid) > 0
        leader.kill()


def test_python_finds_its_code_by_the_folder_itself_where_the_way_to_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert launch.import_path() == {}

    def closed(_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "stat", closed)
    assert launch.import_path() == {"PYTHONPATH": "/proc/self/cwd", "PYTHONSAFEPATH": "1"}
