"""What is waited for and what is refused at once, each with its reason. Docker and cloud-init are stand-ins that tests set."""

from __future__ import annotations

import threading
import time

import pytest

from providers.common.resource import Order
from providers.machine.entering import MachineProblem
from providers.machine.inputs import ReachableInputs
from providers.machine.keys import new_private_key, public_key_of
from providers.machine.reachable import Reachable
from tests.integration.machine.harness import DOCKER, DONE, NO_SUCH, PORT, Machine, wait_for


def inputs(machine: Machine, **more: object) -> ReachableInputs:
    base = {
        "address": machine.address,
        "port": PORT,
        "user": "root",
        "hostKey": public_key_of(machine.host),
        "privateKey": machine.access,
        "timeoutSeconds": 2,
    }
    return ReachableInputs.model_validate({**base, **more})


def refusal(machine: Machine, **more: object) -> str:
    with pytest.raises(MachineProblem) as refused:
        Reachable().create(None, Order("urn", "", print), inputs(machine, **more))
    assert machine.access not in str(refused.value)
    return str(refused.value)


def test_all_that_is_waited_for_is_told_in_its_order_until_the_machine_can_be_used(machine: Machine) -> None:
    machine.stop()
    machine.program("cloud-init", "echo status: running")
    machine.program("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    notes: list[str] = []
    found: list[object] = []
    order = Order("urn", "", print, notes.append)

    def create() -> None:
        found.append(Reachable().create(None, order, inputs(machine, timeoutSeconds=120)))

    waiting = threading.Thread(target=create)
    waiting.start()
    wait_for(lambda: any("Connection refused" in note for note in notes))
    machine.start()
    wait_for(lambda: any("cloud-init" in note and "has not ended (running)" in note for note in notes))
    machine.program("cloud-init", DONE)
    wait_for(lambda: any("does not answer (Cannot connect to the Docker daemon)" in note for note in notes))
    machine.program("docker", DOCKER)
    waiting.join(60)
    boot = machine.inside("cat /proc/sys/kernel/random/boot_id").strip()
    outputs = {"reachable": True, "host": f"ssh://root@{machine.address}:{PORT}", "dockerVersion": "24.0.7", "bootId": boot}
    assert found == [(f"{machine.address}:{PORT}", outputs)]
    assert not [note for note in notes if machine.access.splitlines()[3] in note]


def test_a_failed_cloud_init_is_told_at_once_with_its_error(machine: Machine) -> None:
    machine.program("cloud-init", "printf 'status: error\\ntime: x\\ndetail:\\nno such package docker.oi\\n'; exit 1")
    assert refusal(machine, timeoutSeconds=600) == (
        f"cloud-init on {machine.address}:{PORT} has failed: no such package docker.oi. "
        "Its log there is /var/log/cloud-init-output.log"
    )


def test_another_host_key_is_refused_at_once(machine: Machine) -> None:
    other = public_key_of(new_private_key())
    assert "is not the machine that was meant" in refusal(machine, hostKey=other, timeoutSeconds=600)


def test_a_machine_that_never_answers_is_given_up_with_the_reason(machine: Machine) -> None:
    machine.stop()
    told = refusal(machine)
    assert "Connection refused" in told
    assert "(waited for " in told


def test_a_key_that_is_not_let_in_is_waited_for_only_where_cloud_init_may_bring_it(machine: Machine) -> None:
    machine.know(machine.host)
    started = time.monotonic()
    assert "waited" not in refusal(machine, cloudInit=False, timeoutSeconds=600)
    assert time.monotonic() - started < 300
    assert "(waited for " in refusal(machine)


MISSING = {
    "no Docker": ("docker", NO_SUCH, "Docker is not installed: `apt-get install docker.io`"),
    "an old Docker": (
        "docker",
        "echo 19.03.1",
        "its Docker Engine is 19.03.1, and 20.10 is the oldest that will do",
    ),
    "no nftables": ("nft", NO_SUCH, "nftables is not installed: `apt-get install nftables`"),
}


@pytest.mark.parametrize("case", MISSING)
def test_what_a_machine_of_an_inventory_lacks_is_told_with_how_to_get_it(machine: Machine, case: str) -> None:
    command, text, told = MISSING[case]
    machine.program("cloud-init", NO_SUCH)
    machine.program(command, text)
    assert refusal(machine, cloudInit=False, timeoutSeconds=600) == (f"{machine.address}:{PORT} lacks what Plat needs: {told}")


def test_a_user_who_may_do_neither_is_told_both(machine: Machine) -> None:
    machine.program("docker", "echo 'permission denied while trying to connect' >&2; exit 1")
    machine.program("sudo", "echo 'sudo: a password is required' >&2; exit 1")
    assert refusal(machine, user="guest", cloudInit=False) == (
        f"{machine.address}:{PORT} lacks what Plat needs: `guest` may not use sudo without a password: write "
        "`guest ALL=(ALL) NOPASSWD: ALL` into /etc/sudoers.d/plat; `guest` may not use Docker: "
        "`usermod --append --groups docker guest`"
    )


def test_a_machine_without_docker_or_cloud_init_will_do_where_neither_is_asked_for(machine: Machine) -> None:
    machine.program("cloud-init", NO_SUCH)
    machine.program("docker", NO_SUCH)
    _, outputs = Reachable().create(None, Order("urn", "", print), inputs(machine, cloudInit=False, docker=False))
    assert outputs["dockerVersion"] == ""


def test_a_machine_that_is_gone_is_a_drift_and_an_error_of_a_refresh(machine: Machine) -> None:
    given = inputs(machine)
    assert Reachable().drift(None, given, {}) == {}
    machine.stop()
    assert "Connection refused" in Reachable().drift(None, given, {})["reachable"]
    with pytest.raises(MachineProblem, match="Nothing was removed: mend it and run this again"):
        Reachable().read(None, given, {}, print)
