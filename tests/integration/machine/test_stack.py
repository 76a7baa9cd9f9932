"""The real Pulumi over a real sshd: keys, a wait, a firewall that is mended, and a key that others borrow."""

from __future__ import annotations

import pytest

from plat.engine import events
from tests.integration.machine.harness import DONE, PORT, Machine, Stack

RULES = f"""\
table inet plat {{
    chain input {{
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        tcp dport {PORT} counter accept comment "Plat {"{"}"
    }}
}}
"""


@pytest.fixture
def known(stack: Stack, machine: Machine) -> Machine:
    """A machine with the keys of the stack, as cloud-init gives them."""
    stack.must_up()
    machine.access = stack.outputs("access")["privateKey"]
    machine.know(stack.outputs("host")["privateKey"], stack.outputs("access")["publicKey"])
    machine.stop()
    machine.start()
    return machine


def test_a_machine_is_awaited_and_fenced_and_stays_so(stack: Stack, known: Machine) -> None:
    stack.declare(known, ruleset=RULES)
    preview = stack.must("preview")
    assert preview.summary["create"] == 3
    assert f"ssh://root@{known.address}:{PORT}" in stack.must("preview", "--diff").text
    assert stack.must_up().summary["created"] == 3
    assert f"tcp dport {PORT} counter" in known.rules()
    assert known.inside("cat /etc/nftables.d/plat.nft").endswith(RULES)
    assert 'include "/etc/nftables.d/plat*.nft"' in known.inside("cat /etc/nftables.conf")
    assert stack.outputs("machine")["dockerVersion"] == "24.0.7"
    assert stack.outputs("machine")["bootId"] == known.inside("cat /proc/sys/kernel/random/boot_id").strip()
    # Counters have gone on meanwhile.
    assert set(stack.must_up().summary) == {"unchanged"}
    assert set(stack.must("refresh", "--yes", "--skip-preview").summary) == {"unchanged"}
    assert set(stack.must_up().summary) == {"unchanged"}

    known.inside("nft add rule inet plat input tcp dport 23 accept")
    refreshed = stack.must("refresh", "--yes", "--skip-preview", "--diff")
    assert "table inet plat was changed by hand" in refreshed.text
    assert stack.must_up().summary["updated"] == 1
    assert "dport 23" not in known.rules()
    assert stack.outputs("firewall")["drift"] == []

    known.inside("nft delete table inet plat && rm /etc/nftables.d/plat.nft")
    mended = stack.must_up()
    assert "table inet plat is gone" in mended.text
    assert mended.summary["updated"] == 1
    assert f"dport {PORT}" in known.rules()
    assert known.inside("nft --check --file /etc/nftables.conf") == ""

    stack.declare(known)
    assert stack.must_up().summary["deleted"] == 1
    assert known.rules() == ""
    assert known.inside("ls /etc/nftables.d") == ""
    assert known.inside("nft --check --file /etc/nftables.conf") == ""


def test_what_a_machine_is_waited_for_is_told_while_it_is(stack: Stack, known: Machine) -> None:
    known.program("cloud-init", "echo status: running")
    stack.declare(known)
    said: list[str] = []

    def hear(line: str) -> None:
        said.append(line)
        known.program("cloud-init", DONE)

    with events.told(stack.folder, hear) as options:
        assert stack.up(*options).code == 0
    assert {line.rpartition(" (")[0] for line in said} == {
        f"machine: waiting for {known.address}:{PORT}: cloud-init on {known.connection.where} has not ended (running)"
    }
    assert not list(stack.folder.glob("events-*"))
