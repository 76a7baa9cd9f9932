"""What a program finds that runs in a copy of `plat`: its share of the plan that the run began with, of whatever shape."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plat.project import Project

ROOT = Path(__file__).resolve().parents[3]
PLAT = """
import os, subprocess, sys
from pathlib import Path
from plat.operations import Operations
from plat.project import Project

opened = Operations(Project(Path.cwd()), sys.argv[1], print)
with opened.at_the_ready():
    subprocess.run([sys.executable, "-u", *sys.argv[2:]], env={**os.environ, **opened._by}, check=True)
"""
PROGRAM = """
import sys
from pathlib import Path
import plat.held
from plat.held import Held

held = Held(Path.cwd(), sys.argv[1])
print(len(plat.held._remembered), "components.landscape" in sys.modules, held.share().digest, held.judged_by()[0].digest)
"""


@pytest.mark.parametrize(
    ("whole", "stack"),
    [
        ("order-processing.local", "order-processing.local"),
        ("order-processing.units", "order-processing.notification.units"),
    ],
)
def test_its_share_is_there_with_all_that_it_loads(whole: str, stack: str, tmp_path: Path) -> None:
    script = tmp_path / "pulumi-language-python-exec"
    script.write_text(PROGRAM, encoding="utf-8")
    words = [sys.executable, "-c", PLAT, whole, f"{script}", stack]
    variables = {**os.environ, "PLAT_HOME": f"{tmp_path}"}
    done = subprocess.run(words, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    project = Project(ROOT)
    share, plan = project.share(stack), project.plan(whole)
    assert done.stdout.split() == ["1", "True", share.digest, plan.digest]
