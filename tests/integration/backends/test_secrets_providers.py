"""What encrypts secrets: Pulumi is given it, keeps to it, and what it says of it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.backends.conftest import Keys
from tests.integration.backends.crowd import NAME, flat, settle, stack, states, write
from tests.integration.main_job.checkout import Checkout, clone, remove

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("providers")


@pytest.fixture(scope="module")
def checkout(folder: Path) -> Iterator[Checkout]:
    made = clone(folder / "clone", 11600, 11899)
    write(made)
    (folder / "states").mkdir()
    try:
        yield made
    finally:
        remove(made)


@pytest.fixture(scope="module")
def up(checkout: Checkout, folder: Path, keys: Keys) -> Checkout:
    """With one unit, under a key of the key service."""
    settle(checkout, f"file://{folder / 'states'}", keys.url())
    assert states(checkout, "up", NAME, "ant") == {"ant": "done"}
    return checkout


def in_state(folder: Path, unit: str = "ant") -> str:
    return (folder / "states" / ".pulumi" / "stacks" / "plat" / f"{stack(unit)}.json").read_text(encoding="utf-8")


def provider_of(folder: Path, unit: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(in_state(folder, unit))["checkpoint"]["latest"]["secrets_providers"]
    return found


def test_secrets_are_under_the_key_and_no_passphrase_opens_them(up: Checkout, folder: Path, keys: Keys) -> None:
    provider = provider_of(folder, "ant")
    assert (provider["type"], provider["state"]["url"]) == ("cloud", keys.url())
    file = up.root / "stacks" / f"Pulumi.{stack('ant')}.yaml"
    assert "encryptionsalt" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("unit", "begun"), [("cat", True), ("dog", False)], ids=["begun", "only locked"])
def test_a_stack_that_was_killed_before_it_had_a_key_gets_the_one_that_was_meant(
    up: Checkout, folder: Path, keys: Keys, unit: str, *, begun: bool
) -> None:
    up.half_made(stack(unit), folder / "states", begun=begun)
    assert states(up, "up", NAME, unit) == {unit: "done"}
    provider = provider_of(folder, unit)
    assert (provider["type"], provider["state"]["url"]) == ("cloud", keys.url())


def test_another_checkout_with_another_passphrase_and_no_file_reads_them(up: Checkout, folder: Path, keys: Keys) -> None:
    another = clone(folder / "another", 11600, 11899)
    try:
        write(another)
        settle(another, f"file://{folder / 'states'}", keys.url())
        words = ("env", f"PULUMI_BACKEND_URL=file://{folder / 'states'}", "pulumi", "stack", "export", "-s", stack("ant"))
        assert another.done(*words, "--show-secrets") == up.done(*words, "--show-secrets")
    finally:
        remove(another)


def test_another_provider_than_the_stacks_is_told_with_the_way_over(up: Checkout, folder: Path, keys: Keys) -> None:
    before = in_state(folder)
    settle(up, f"file://{folder / 'states'}")
    try:
        refused = up.run("plat", "up", NAME, "ant", "--force")
    finally:
        settle(up, f"file://{folder / 'states'}", keys.url())
    assert refused.returncode == 1
    way = f"`pulumi stack change-secrets-provider -s {stack('ant')} 'passphrase'` encrypts them anew"
    assert way in flat(refused.stdout)
    assert in_state(folder) == before


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        ("awskms://alias/nobody?endpoint=ENDPOINT&region=eu-central-1", "NotFoundException: Alias"),
        ("awskms://alias/plat?endpoint=http://127.0.0.1:1&region=eu-central-1", "connection refused"),
        ("hashivault://plat", "neither VAULT_SERVER_URL nor VAULT_ADDR environment variables are set"),
    ],
    ids=["a key that there is not", "a service that does not answer", "a Vault that nobody has named"],
)
def test_what_a_key_service_says_is_told_and_nothing_is_made(
    checkout: Checkout, folder: Path, keys: Keys, provider: str, said: str
) -> None:
    settle(checkout, f"file://{folder / 'states'}", provider.replace("ENDPOINT", keys.endpoint))
    refused = checkout.run("plat", "up", NAME, "bee")
    assert refused.returncode == 1
    assert said in flat(refused.stdout)
    assert f"the key that the secrets of {stack('bee')} are encrypted with cannot be used" in flat(refused.stdout)
    assert not (folder / "states" / ".pulumi" / "stacks" / "plat" / f"{stack('bee')}.json").exists()
