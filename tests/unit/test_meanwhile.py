from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plat.meanwhile import meanwhile

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def beside_another_thread() -> Iterator[None]:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        yield
    finally:
        done.set()
        other.join()


def refused() -> int:
    msg = "no such landscape"
    raise KeyError(msg)


def ran(program: str) -> list[str]:
    """What a program says that has one thread, as the commands of Plat have."""
    words = (sys.executable, "-c", f"from plat.meanwhile import meanwhile\n{program}")
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def test_it_is_done_by_another_process_and_its_result_is_had_any_number_of_times() -> None:
    one, other, again = ran("import os\nresult = meanwhile(os.getpid)\nprint(os.getpid(), result(), result(), sep='\\n')")
    assert one != other
    assert other == again


def test_it_is_done_here_and_once_where_there_are_other_threads() -> None:
    calls: list[int] = []
    with beside_another_thread():
        result = meanwhile(lambda: calls.append(os.getpid()))
        assert calls == [os.getpid()]
        assert result() is None
    assert len(calls) == 1


def test_what_it_raises_is_raised_where_somebody_waits() -> None:
    result = meanwhile(refused)
    with pytest.raises(KeyError, match="no such landscape"):
        result()
    with beside_another_thread():
        result = meanwhile(refused)
        with pytest.raises(KeyError, match="no such landscape"):
            result()


@pytest.mark.parametrize("lost", ["os._exit(1)", "threading.Lock()"], ids=["its process ends", "no pickle holds it"])
def test_what_the_other_process_cannot_say_is_done_here(lost: str) -> None:
    program = (
        f"import os, threading\nhere = os.getpid()\nprint(meanwhile(lambda: 'here' if os.getpid() == here else {lost})())"
    )
    assert ran(program) == ["here"]


def test_what_nobody_waits_for_has_ended_with_the_program_and_nothing_is_written_twice(tmp_path: Path) -> None:
    work = f"(time.sleep(0.5), Path({str(tmp_path / 'written')!r}).touch())"
    said = ran(f"import time; from pathlib import Path\nprint('said before')\nmeanwhile(lambda: {work})")
    assert (tmp_path / "written").exists()
    assert said == ["said before"]
