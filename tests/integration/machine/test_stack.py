"""The real Pulumi over a real sshd: keys, a wait, a firewall that is mended, and a key that others borrow."""

from __future__ import annotations

import json

from plat.engine import events
from plat.machines import stored
from providers.machine.keys import new_private_key, public_key_of
from tests.integration.machine.harness import DONE, NFT, PORT, Machine, Stack, wait_for

RULES = f"""\
table inet plat {{
    chain input {{
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        tcp dport {PORT} counter accept comment "Plat {"{"}"
    }}
}}
"""


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


def test_a_connection_that_is_lost_is_told_and_the_next_update_repairs(stack: Stack, known: Machine) -> None:
    stack.declare(known, ruleset=RULES, timeout=20)
    # sshd dies while the rules are taken into use, before anybody hears of it, and for long enough.
    held = 'case "$*" in "--file new."*) touch /run/taken; sleep 3 ;; esac'
    known.program("nft", f'{NFT}/nft "$@"; code=$?; {held}; exit $code')
    run = stack.start("up", "--yes", "--skip-preview")
    wait_for(lambda: "taken" in known.inside("ls /run"))
    known.stop()
    text, _ = run.communicate(timeout=300)
    assert run.returncode != 0
    where = f"{known.address}:{PORT}"
    assert (
        f"error: {where} lets nobody in under these rules, and does not go back to its former ones: {where} does not" in text
    )
    assert known.rules() == ""
    down = stack.up()
    assert down.code != 0
    assert f"{where} does not answer over SSH" in down.text
    assert "(waited for 2" in down.text
    refresh = stack.pulumi("refresh", "--yes", "--skip-preview")
    assert refresh.code != 0
    assert "Nothing was removed: mend it and run this again" in refresh.text
    known.start()
    assert stack.must_up().summary["created"] == 1
    assert f"dport {PORT}" in known.rules()


def test_another_machine_in_its_place_is_refused(stack: Stack, known: Machine) -> None:
    stack.declare(known)
    stack.must_up()
    key = known.host
    known.know(new_private_key(), stack.outputs("access")["publicKey"])
    known.stop()
    known.start()
    refused = stack.up()
    assert refused.code != 0
    assert f"who answers at {known.address}:{PORT} is not the machine that was meant" in refused.text
    known.know(key, stack.outputs("access")["publicKey"])
    known.stop()
    known.start()
    assert set(stack.must_up().summary) == {"unchanged"}


def test_a_key_pair_stays_until_another_is_asked_for(stack: Stack) -> None:
    stack.must_up()
    first = stack.outputs("access")
    assert first["publicKey"] == f"{public_key_of(first['privateKey'])} plat"
    stack.declare(comment="other")
    assert stack.must_up().summary["updated"] == 1
    assert stack.outputs("access") == {**first, "comment": "other", "publicKey": first["publicKey"].replace("plat", "other")}
    assert set(stack.must("refresh", "--yes", "--skip-preview").summary) == {"unchanged"}
    stack.declare(comment="other", rotation="2026")
    assert stack.must_up().summary["replaced"] == 1
    assert stack.outputs("access")["privateKey"] != first["privateKey"]


def test_what_goes_with_another_one_is_not_asked_to_go(stack: Stack, known: Machine) -> None:
    """What `plat destroy` relies on (docs/adr/0030): a machine need not answer where what is on it goes with it."""
    stack.declare(known, borrower=True)
    stack.must_up()
    known.stop()
    state = stack.state()
    by_type = {resource["type"]: resource for resource in state["deployment"]["resources"]}
    by_type["borrower:index:Visit"]["deletedWith"] = by_type["machine:index:Reachable"]["urn"]
    edited = stack.folder / "edited.json"
    edited.write_text(json.dumps(state))
    stack.must("stack", "import", "--file", str(edited))
    stack.must("destroy", "--yes", "--skip-preview")
    assert known.inside("cat /run/visits") == "created\n"


def test_a_state_without_what_nobody_has_to_remove_is_a_state(stack: Stack, known: Machine) -> None:
    stack.declare(known, ruleset=RULES, borrower=True)
    stack.must_up()
    edited = stack.folder / "edited.json"
    edited.write_text(json.dumps(stored.without_anything(stack.state())))
    stack.must("stack", "import", "--file", str(edited))
    stack.must("destroy", "--yes", "--skip-preview", "--exclude-protected")
    assert known.rules() == "", "a machine that nobody has made is asked"
    assert known.inside("cat /run/visits") == "created\n", "and whoever is forgotten is not"
