"""New lines of logs as they come."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Queue

import pytest

from providers.local.logs import follow


def test_whole_lines_come_once_each_past_a_rotation_and_with_their_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.local.logs._INTERVAL", 0.01)
    shop, other = tmp_path / "shop.log", tmp_path / "other.log"
    shop.write_text("before\n")
    new = follow({"shop": shop, "other": other})
    found: Queue[tuple[str, str]] = Queue()

    def collect() -> None:
        for line in new:
            found.put(line)

    threading.Thread(target=collect, daemon=True).start()

    def says(path: Path, text: str) -> None:
        with path.open("a") as file:
            file.write(text)

    says(shop, "one\ntw")
    assert found.get(timeout=60) == ("shop", "one")
    says(shop, "o\n")
    assert found.get(timeout=60) == ("shop", "two")
    shop.rename(tmp_path / "shop.log.1")
    says(shop, "three\n")
    assert found.get(timeout=60) == ("shop", "three")
    says(other, "four\n")
    assert found.get(timeout=60) == ("other", "four")
