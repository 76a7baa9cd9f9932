"""What a user reads when something fails: one message, no stack trace, no secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from providers.common.errors import Problem, redacted
from providers.common.plugin import message_of
from providers.local.errors import PortBusy


def wrapped(error: Exception) -> Exception:
    """`error` as the SDK hands it on: inside another one, with a stack trace in its text."""
    outer = Exception(f'{error}:\n  File "server.py", line 77')
    outer.__context__ = error
    return outer


def test_a_problem_of_the_users_is_told_in_its_own_words() -> None:
    assert message_of(wrapped(Problem("port 1 is in use")), "platlocal") == "port 1 is in use"


def test_a_full_disk_is_recognised_wherever_it_was_noticed() -> None:
    def fill() -> None:
        with Path("/dev/full").open("w", encoding="ascii") as full:
            full.write("x" * 100_000)

    with pytest.raises(OSError, match="No space left") as noticed:
        fill()
    message = message_of(wrapped(noticed.value), "platlocal")
    assert message.startswith("the disk is full (")
    assert message.endswith("free some space and run this again")


def test_a_fault_of_ours_is_one_line_and_says_where() -> None:
    with pytest.raises(KeyError) as fault:
        os.environ["NO SUCH VARIABLE"]
    message = message_of(wrapped(fault.value), "platlocal")
    told = "a fault in the provider platlocal itself, please report it: KeyError: 'NO SUCH VARIABLE' (test_messages.py:"
    assert message.startswith(told)
    assert "\n" not in message


def test_a_busy_port_without_a_known_holder_is_told_so() -> None:
    assert str(PortBusy("shop", "127.0.0.1", 8080, None, "local")) == (
        "port 8080 on 127.0.0.1 is in use by something that this user may not see: stop it, or set another port for shop in "
        "stacks/environments/local.yaml under `ports: fixed:`"
    )


def test_a_secret_is_taken_out_of_what_a_server_says_the_longer_one_first() -> None:
    assert redacted("it was abcdef, not abc", ["abc", "abcdef", ""]) == "it was [secret], not [secret]"
