"""What ssh is told, and what it is never given to misread."""

from __future__ import annotations

from pathlib import Path

import pytest

from plat.machines.ssh import Connection, Session, fingerprint, lent_at, options

# From `ssh-keygen -t ed25519`; `ssh-keygen -l` says its fingerprint.
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM2PpZwh5qtL4yN4tB13WPjar/ia0kZa1WJjG1F/NxSN"
FINGERPRINT = "SHA256:O6eZ5plRLzM9wsRHU0rqxezORf94r440zkyBxpnMNrI"


def connection(**more: object) -> Connection:
    return Connection(**{"address": "10.0.0.1", "port": 22, "user": "plat", "host_key": KEY, "private_key": "canary", **more})  # type: ignore[arg-type]


def test_a_private_key_is_not_shown_with_its_connection() -> None:
    assert "canary" not in repr(connection())
    assert "canary" not in repr(Session(connection(), Path("agent")))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("address", "-oProxyCommand=touch"),
        ("address", "10.0.0.1 -l root"),
        ("address", "fe80::1%eth0"),
        ("address", ""),
        ("address", "host\n"),
        ("user", "-l"),
        ("user", "a b"),
        ("user", "Root"),
        ("host_key", "ssh-rsa AAAA"),
        ("host_key", f"{KEY}\nssh-ed25519 other"),
        ("host_key", KEY.replace("A", "%", 1)),
    ],
)
def test_what_ssh_could_take_for_something_else_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"cannot be the {name} of a machine"):
        connection(**{name: value})


def test_a_machine_is_named_as_docker_names_it() -> None:
    assert connection().url == "ssh://plat@10.0.0.1:22"
    assert connection(address="2001:db8::1", port=2222).url == "ssh://plat@[2001:db8::1]:2222"


def test_options_hold_the_expected_host_key_without_its_comment_and_nothing_of_this_machine() -> None:
    given = options(f"{KEY} root@host", lent_at(KEY))
    assert given[:2] == ["-F", "none"]
    assert f"-oKnownHostsCommand=/usr/bin/env echo %H {KEY}" in given
    assert "-oStrictHostKeyChecking=yes" in given
    assert f"-oIdentityAgent={lent_at(KEY)}" in given
    assert not [option for option in given if str(Path.cwd()) in option]


def test_a_key_is_lent_at_a_place_of_its_own_whatever_its_comment() -> None:
    other = KEY.replace("xSN", "xSx")
    assert lent_at(KEY) == lent_at(f"{KEY} comment") != lent_at(other)
    assert not lent_at(KEY).is_absolute()


def test_a_fingerprint_is_that_of_ssh_keygen() -> None:
    assert fingerprint(f"{KEY} comment") == FINGERPRINT
    assert fingerprint("ssh-ed25519 %") == "no key at all"
