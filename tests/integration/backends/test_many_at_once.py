"""Many units updated at once on one backend, each by somebody of its own; and one unit by two."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.backends.conftest import Keys, Store
from tests.integration.backends.crowd import EVERYBODY, NAME, UNITS, flat, locks, settle, stack, states, write
from tests.integration.main_job.checkout import Checkout, clone, remove

pytestmark = pytest.mark.timeout(1500)


@dataclass(frozen=True)
class Shared:
    """A checkout, and the backend that it shares with others: by its URL, and the folder that it is kept in."""

    checkout: Checkout
    url: str
    secrets: str
    folder: Path


@pytest.fixture(scope="module", params=["a folder, a passphrase", "an object store, a key of a key service"])
def shared(
    request: pytest.FixtureRequest, store: Store, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shared]:
    root = tmp_path_factory.mktemp("many")
    url, secrets, folder = f"file://{root / 'states'}", "passphrase", root / "states"
    if request.param.startswith("an object"):
        url, secrets, folder = store.place("many/at-once"), keys.url(), store.folder / "many" / "at-once"
    else:
        folder.mkdir()
    checkout = clone(root / "clone", 11000, 11299)
    write(checkout)
    settle(checkout, url, secrets)
    try:
        yield Shared(checkout, url, secrets, folder)
    finally:
        remove(checkout)


@pytest.fixture(scope="module")
def up(shared: Shared) -> Shared:
    """All units, each brought up by a process of its own, all at once."""
    started = {unit: shared.checkout.start("plat", "up", NAME, unit) for unit in EVERYBODY}
    printed = {unit: process.communicate(timeout=1200)[0] for unit, process in started.items()}
    assert {unit: process.returncode for unit, process in started.items()} == dict.fromkeys(EVERYBODY, 0), printed
    return shared


def whole(shared: Shared) -> None:
    """Every state has all that its plan says, nothing is pending and nobody holds anything."""
    assert states(shared.checkout, "up", NAME) == dict.fromkeys(EVERYBODY, "current")
    for unit in UNITS:
        text = (shared.folder / ".pulumi" / "stacks" / "plat" / f"{stack(unit)}.json").read_text(encoding="utf-8")
        latest = json.loads(text)["checkpoint"]["latest"]
        names = {item["urn"].rpartition("::")[2] for item in latest["resources"]}
        assert {f"datastore/{unit}--redis", f"{unit}--redis--user", unit} <= names
        assert not latest.get("pending_operations")
        assert latest["secrets_providers"]["type"] == ("passphrase" if shared.secrets == "passphrase" else "cloud")
    assert locks(shared.folder) == []
    assert not list(shared.folder.rglob("*.attrs")), "not written as a whole: who reads a state meanwhile is told `EOF`"


def test_many_units_are_brought_up_at_once_and_nothing_is_lost(up: Shared) -> None:
    whole(up)
    words = ("--non-interactive", "--policy-pack", "policies", "--expect-no-changes")
    up.checkout.done("env", f"PULUMI_BACKEND_URL={up.url}", "pulumi", "preview", "-s", stack("hen"), *words)


def test_two_updates_of_one_unit_do_not_meet(up: Shared, tmp_path: Path) -> None:
    another = clone(tmp_path / "another", 11000, 11299)
    write(another)
    settle(another, up.url, up.secrets)
    first = up.checkout.start("plat", "up", NAME, "ant", "--force")
    while not (held := locks(up.folder, stack("ant"))):
        assert first.poll() is None
        time.sleep(0.05)
    # It stands still for as long as the others are refused.
    os.kill(held[0]["pid"], signal.SIGSTOP)
    try:
        here = up.checkout.run("plat", "up", NAME, "ant", "--force")
        there = another.run("plat", "up", NAME, "ant", "--force")
    finally:
        os.kill(held[0]["pid"], signal.SIGCONT)
        remove(another)
    printed, _ = first.communicate(timeout=400)
    assert first.returncode == 0, printed
    assert (here.returncode, there.returncode) == (1, 1)
    assert f"another `plat up` or `plat destroy` of {stack('ant')} is running: wait for it to end" in flat(here.stdout)
    who = f"PID {held[0]['pid']} on {held[0]['hostname']}, since {held[0]['timestamp']}"
    assert f"another update of {stack('ant')} is running ({who}): wait for it to end" in flat(there.stdout)
    whole(up)
