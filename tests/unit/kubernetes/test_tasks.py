"""What a Job inside of a cluster reads its task from."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from components.kubernetes.manifest import opaque
from providers.cluster.__main__ import main

TASK = json.dumps({"server": {"host": "broker"}, "steps": []})


def packed(text: str) -> bytes:
    return base64.b64decode(opaque({"task": text}, packed=True)["data"]["task"])


def test_a_packed_task_is_carried_out_as_one_that_is_not(tmp_path: Path) -> None:
    for name, content in {"task.json": TASK.encode(), "task.json.gz": packed(TASK)}.items():
        (tmp_path / name).write_bytes(content)
        assert main([f"{tmp_path / name}"]) == 0


def test_what_is_packed_is_short_and_always_the_same() -> None:
    names = json.dumps([f"context-{number}.events" for number in range(1000)])
    assert packed(names) == packed(names)
    assert 5 * len(packed(names)) < len(names)


@pytest.mark.parametrize("content", [b"", packed(TASK)[:20], packed(TASK)[:12] + b"!" * 20, packed("{"), TASK.encode()])
def test_what_is_damaged_is_no_task(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "task.json.gz"
    path.write_bytes(content)
    assert main([f"{path}"]) == 2
    assert capsys.readouterr().err.startswith("no task: ")
