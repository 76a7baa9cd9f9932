"""What the provider `machine` answers to the engine, without a machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from pulumi.provider.experimental import provider as wire

from providers.common import values
from providers.common.errors import Problem
from providers.common.log import EngineLog
from providers.common.values import UNKNOWN
from providers.machine.keys import new_private_key, public_key_of
from providers.machine.provider import MachineProvider

KEY = new_private_key()
MACHINE = {"address": "10.0.0.1", "user": "plat", "hostKey": public_key_of(KEY), "privateKey": KEY}
RULES = {**MACHINE, "ruleset": "table inet plat { }"}


@pytest.fixture
def provider(tmp_path: Path) -> MachineProvider:
    return MachineProvider(Mock(spec=EngineLog), tmp_path)


def check(provider: MachineProvider, kind: str, inputs: dict[str, Any]) -> wire.CheckResponse:
    urn = f"urn:pulumi:shop.test::plat::machine:index:{kind}::x"
    return asyncio.run(provider.check(wire.CheckRequest(urn, {}, values.from_python(inputs), b"")))


@pytest.mark.parametrize(("kind", "inputs"), [("SshKey", {}), ("Reachable", MACHINE), ("Firewall", RULES)])
def test_what_fits_is_taken(provider: MachineProvider, kind: str, inputs: dict[str, Any]) -> None:
    assert not check(provider, kind, inputs).failures


WRONG = {
    "an option for an address": ("Reachable", {**MACHINE, "address": "-oProxyCommand=x"}, "address"),
    "a key of another type": ("Reachable", {**MACHINE, "hostKey": "ssh-rsa AAAA"}, "hostKey"),
    "a secret that is no key": ("Reachable", {**MACHINE, "privateKey": "canary"}, "privateKey"),
    "another table": ("Firewall", {**RULES, "ruleset": "flush ruleset"}, "ruleset"),
    "a misspelt property": ("Firewall", {**RULES, "rules": ""}, "rules"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_is_refused_by_its_name_and_without_its_value(provider: MachineProvider, case: str) -> None:
    kind, inputs, name = WRONG[case]
    (failure,) = check(provider, kind, inputs).failures or []
    assert failure.reason.startswith(f"{name}: ")
    assert "canary" not in failure.reason


def test_what_is_not_known_yet_is_judged_when_it_is(provider: MachineProvider) -> None:
    assert not check(provider, "Firewall", {**RULES, "address": UNKNOWN, "hostKey": UNKNOWN}).failures


def test_a_private_key_is_secret_whatever_the_program_says(provider: MachineProvider) -> None:
    inputs = check(provider, "Reachable", MACHINE).inputs
    assert inputs
    assert inputs["privateKey"].is_secret
    given = wire.CheckRequest("urn", {}, values.from_python({"lentKeys": [KEY]}), b"")
    configured = asyncio.run(provider.check_config(given)).inputs
    assert configured
    assert configured["lentKeys"].is_secret


def test_a_machine_is_named_before_there_is_one(provider: MachineProvider) -> None:
    urn = "urn:pulumi:shop.test::plat::machine:index:Reachable::x"
    created = asyncio.run(provider.create(wire.CreateRequest(urn, values.from_python(MACHINE), 0, preview=True)))
    assert created.properties
    assert created.properties["host"].value == "ssh://plat@10.0.0.1:22"


def test_other_keys_to_lend_are_a_difference(provider: MachineProvider) -> None:
    def differs(old: list[str], new: list[str]) -> bool | None:
        before, after = (values.from_python({"lentKeys": keys, "version": "1"}) for keys in (old, new))
        return asyncio.run(provider.diff_config(wire.DiffRequest("urn", "id", before, after, []))).changes

    assert differs([KEY], [KEY]) is False
    assert differs([KEY], [new_private_key()]) is True


def test_a_key_pair_is_what_openssh_makes() -> None:
    assert KEY.startswith("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    assert public_key_of(KEY).startswith("ssh-ed25519 ")
    assert new_private_key() != KEY


@pytest.mark.parametrize("text", ["", "canary", KEY[:200]])
def test_what_is_no_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(Problem, match="`ssh-keygen -t ed25519 -N ''` makes one") as refused:
        public_key_of(text)
    assert not text or text not in str(refused.value)
