"""The benchmark of units on its own API server: no cluster has to be there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.integration.main_job.checkout import environment

ROOT = Path(__file__).resolve().parents[3]
ROW = re.compile(r"^\| 6 \| (?P<operation>[a-z -]+) \| \*\*[\d.]+\*\* / [\d.]+ / \d+ / (?P<requests>\d+) \|$", re.MULTILINE)


def test_every_operation_is_measured_and_each_object_is_a_request(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench.units", "6", "--contenders", "kubectl"],
        cwd=ROOT,
        env={**environment(), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=580,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    requests = {found["operation"]: int(found["requests"]) for found in ROW.finditer(ran.stdout)}
    assert list(requests) == ["bring-up", "no change", "change one context", "add one context"]
    assert requests["add one context"] > requests["change one context"] == requests["no change"] > 100
    assert list(tmp_path.iterdir()) == []
    assert f"{tmp_path}" not in "".join(found.read_text() for found in Path("/var/lib/plat").glob("*/activate"))
