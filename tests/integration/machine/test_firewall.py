"""The real nft in a network of the test's own: rules are taken whole or not at all, and never lock us out for long."""

from __future__ import annotations

import threading
import time

import pytest

from providers.common.resource import Order, Outputs
from providers.machine import entering
from providers.machine.entering import MachineProblem
from providers.machine.firewall import Firewall
from providers.machine.inputs import FirewallInputs
from providers.machine.keys import public_key_of
from tests.integration.machine.harness import NFT, PORT, Machine, wait_for

OPEN = f"tcp dport {PORT} accept"


def table(*rules: str) -> str:
    lines = "".join(f"        {rule}\n" for rule in ("type filter hook input priority filter; policy drop;", *rules))
    return f"table inet plat {{\n    chain input {{\n{lines}    }}\n}}\n"


def inputs(machine: Machine, ruleset: str, seconds: int = 5) -> FirewallInputs:
    return FirewallInputs(
        address=machine.address,
        port=PORT,
        user="root",
        host_key=public_key_of(machine.host),
        private_key=machine.access,
        ruleset=ruleset,
        confirm_seconds=seconds,
    )


def apply(machine: Machine, ruleset: str, seconds: int = 60) -> Outputs:
    return Firewall().create(None, Order("urn", "", print), inputs(machine, ruleset, seconds))[1]


def differences(machine: Machine, ruleset: str, known: Outputs) -> list[str]:
    found = Firewall().read(None, inputs(machine, ruleset), known, print)
    assert found
    differing: list[str] = found["drift"]
    return differing


def test_rules_that_lock_us_out_are_taken_back_and_the_former_ones_hold(machine: Machine) -> None:
    apply(machine, table(OPEN, "tcp dport 80 accept"))
    with pytest.raises(MachineProblem) as told:
        apply(machine, table("tcp dport 443 accept"), seconds=12)
    assert f"so its former rules are back: let TCP port {PORT} in from where Plat runs" in str(told.value)
    assert "dport 80" in machine.rules()
    assert "dport 443" not in machine.rules()
    assert "dport 80" in machine.inside("cat /etc/nftables.d/plat.nft")


def test_rules_that_lock_us_out_of_a_machine_that_had_none_leave_none(machine: Machine) -> None:
    with pytest.raises(MachineProblem, match="its former rules are back"):
        apply(machine, table(), seconds=12)
    assert machine.rules().split() == []


def test_rules_that_nft_does_not_take_change_nothing_and_are_told_by_line(machine: Machine) -> None:
    apply(machine, table(OPEN))
    before = machine.rules()
    with pytest.raises(MachineProblem) as told:
        apply(machine, table(OPEN, "tcp dport nowhere accept"))
    assert f"{machine.address}:{PORT} does not take the rules: line 5: " in str(told.value)
    assert machine.rules() == before


def test_what_others_filter_stays(machine: Machine) -> None:
    machine.inside("nft add table ip docker; nft add chain ip docker user; nft add rule ip docker user counter")
    apply(machine, table(OPEN))
    apply(machine, table(OPEN, "tcp dport 80 accept"))
    Firewall().delete(None, "", inputs(machine, table(OPEN)))
    assert "counter" in machine.inside("nft list table ip docker")
    assert machine.rules() == ""
    Firewall().delete(None, "", inputs(machine, table(OPEN)))


def test_an_attempt_that_nobody_confirmed_is_never_what_is_gone_back_to(machine: Machine) -> None:
    apply(machine, table(OPEN, "tcp dport 80 accept"))
    with machine.connection.opened() as session:
        # What is left of an update that was killed: applied, and not confirmed.
        for stamp, port in (("one", 81), ("two", 82)):
            done = entering.run(session, "apply", stamp, "4", given=_anew(table(OPEN, f"tcp dport {port} accept")).encode())
            assert done.code == 0, done.err
        assert "dport 82" in machine.rules()
        wait_for(lambda: "dport 80" in machine.rules())
        assert entering.run(session, "keep", "two").code == 11
        assert "dport 80" in machine.inside("cat /etc/nftables.d/plat.nft")


def test_the_timer_of_a_killed_update_does_not_undo_the_next_one(machine: Machine) -> None:
    with machine.connection.opened() as session:
        assert (
            entering.run(session, "apply", "killed", "4", given=_anew(table(OPEN, "tcp dport 81 accept")).encode()).code == 0
        )
    apply(machine, table(OPEN, "tcp dport 80 accept"))
    wait_for(lambda: "sleep 4" not in machine.inside("ps ax -o args"))
    time.sleep(1)
    assert "dport 80" in machine.rules()


def test_the_connection_may_be_lost_while_rules_are_taken_into_use(machine: Machine) -> None:
    # sshd dies as soon as nft has taken the rules, and comes back in time.
    machine.program(
        "nft", f'{NFT}/nft "$@"; code=$?; case "$*" in "--file new."*) touch /run/taken; sleep 2 ;; esac; exit $code'
    )
    found: list[Outputs] = []
    working = threading.Thread(target=lambda: found.append(apply(machine, table(OPEN))))
    working.start()
    wait_for(lambda: "taken" in machine.inside("ls /run"))
    machine.stop()
    time.sleep(2)
    machine.start()
    working.join(60)
    assert differences(machine, table(OPEN), found[0]) == []


def test_drift_is_told_in_words_and_traffic_is_none(machine: Machine) -> None:
    rules = table(f"tcp dport {PORT} counter accept", "ip saddr @seen drop")
    rules = rules.replace("chain input", "set seen { type ipv4_addr; flags dynamic,timeout; timeout 1m; }\n    chain input")
    known = apply(machine, rules)
    machine.inside("nft add element inet plat seen '{ 192.0.2.1 }'")
    assert differences(machine, rules, known) == []
    machine.inside("nft add rule inet plat input accept")
    assert differences(machine, rules, known) == ["table inet plat was changed by hand"]
    assert Firewall().drift(None, inputs(machine, rules), known) == {"drift": "table inet plat was changed by hand"}
    machine.inside("nft delete table inet plat; echo >> /etc/nftables.d/plat.nft; echo > /etc/nftables.conf")
    assert differences(machine, rules, known) == [
        "table inet plat is gone",
        "/etc/nftables.d/plat.nft, which is loaded at boot, was changed or removed",
        "nothing loads it at boot: /etc/nftables.conf does not include /etc/nftables.d/plat.nft",
    ]
    assert differences(machine, rules, apply(machine, rules)) == []


def test_rules_are_loaded_again_from_what_is_read_at_boot(machine: Machine) -> None:
    known = apply(machine, table(OPEN))
    machine.inside("nft flush ruleset; nft --file /etc/nftables.conf; nft --file /etc/nftables.conf")
    assert differences(machine, table(OPEN), known) == []


def test_a_machine_that_does_not_answer_leaves_the_state_as_it_was(machine: Machine) -> None:
    known = apply(machine, table(OPEN))
    machine.stop()
    warnings: list[str] = []
    assert Firewall().read(None, inputs(machine, table(OPEN)), known, warnings.append) is None
    assert "Connection refused" in warnings[0]
    assert Firewall().drift(None, inputs(machine, table(OPEN)), known) == {}
    with pytest.raises(MachineProblem, match="`pulumi state delete` forgets it"):
        Firewall().delete(None, "", inputs(machine, table(OPEN)))


def _anew(ruleset: str) -> str:
    return f"table inet plat; delete table inet plat; {ruleset}"
