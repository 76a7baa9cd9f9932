"""Checkouts and runtimes in awkward places: closed to the service user, deep, or oddly named."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plat.home import HOME_VARIABLE
from tests.integration.local.harness import PASSWORD, ROOT, Stack, process, server

POSTGRES, REDIS = 31591, 31592
GREETER = "import pathlib, time; print('greetings from', pathlib.Path(__file__).name, flush=True); time.sleep(1000)\n"


@contextmanager
def checkout(name: str, mode: int, above: int = 0o755) -> Iterator[Path]:
    """A checkout called `name` with `mode`, in a folder with the mode `above`."""
    folder = Path(tempfile.mkdtemp(prefix="plat-test-"))
    root = folder / name
    for package in ("plat", "providers"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "greetings").mkdir()
    (root / "greetings" / "greeter.py").write_text(GREETER)
    root.chmod(mode)
    folder.chmod(above)
    try:
        yield root
    finally:
        shutil.rmtree(folder)


PLACES = {
    "an open folder": ("checkout", 0o755, 0o755),
    "a folder below one that is closed": ("checkout", 0o755, 0o700),
    "a closed folder": ("checkout", 0o700, 0o755),
    "a name with all that configurations trip over": ("a [1-9] %(x)s #; 'q' $HOME é", 0o755, 0o755),
    "a path too long for a socket": ("x" * 120, 0o755, 0o755),
}


@pytest.mark.parametrize("place", PLACES)
def test_servers_and_deployables_run_whatever_the_place(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, "/nonexistent")
    with checkout(*PLACES[place]) as root:
        stack = Stack(root.parent / "project", root / ".plat", root)
        greeter = process("greeter", "")
        greeter = {**greeter, "inputs": {**greeter["inputs"], "command": ["python", "-m", "greetings.greeter"]}}
        try:
            stack.must_up(server("postgresql", POSTGRES), server("redis", REDIS), greeter)
            assert [item.state for item in stack.runtime.status()] == ["RUNNING"] * 3
            assert list(stack.runtime.logs(["greeter"])) == ["greetings from greeter.py"]
            assert stack.must_up().summary == {"unchanged": 5}
            assert not [path for path in stack.place.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
        finally:
            stack.end()
