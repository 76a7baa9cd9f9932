"""Accounts in a MongoDB: how the administrator's is handed over, and what differs from what was declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from plat.home import RuntimePaths
from providers.local import password_hashes, provided
from providers.local.accounts import Account
from providers.local.errors import NotInstalled
from providers.local.inputs import ServerInputs
from providers.local.kinds import Place
from providers.local.kinds.mongodb import MongoDB
from providers.local.mongodb_user import differences

SERVER = ServerInputs(name="m", kind="mongodb", port=1, admin_user="boss", admin_password="password-1")
# RFC 7677, section 3: password `pencil`, as `usersInfo` tells it.
SCRAM = {
    "iterationCount": 4096,
    "salt": "W22ZaJ0SNY7soEsUEjb6gQ==",
    "storedKey": "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=",
    "serverKey": "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
}


@pytest.mark.parametrize(
    ("sentence", "credentials", "found"),
    [
        ("as declared", {"SCRAM-SHA-256": SCRAM}, []),
        ("no account", None, ["the account is not there"]),
        ("nothing to log in with", {}, ["another password"]),
        ("another password", {"SCRAM-SHA-256": {**SCRAM, "storedKey": SCRAM["serverKey"]}}, ["another password"]),
        ("a salt that is none", {"SCRAM-SHA-256": {**SCRAM, "salt": "?"}}, ["another password"]),
        ("a weaker way in", {"SCRAM-SHA-1": {}, "SCRAM-SHA-256": SCRAM}, ["it may log in by SCRAM-SHA-1 too"]),
    ],
)
def test_what_differs_is_told_without_the_password(
    sentence: str, credentials: dict[str, dict[str, object]] | None, found: list[str]
) -> None:
    assert differences(credentials, "pencil") == found, sentence


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.delenv("PLAT_MONGODB_BIN", raising=False)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "plat-ferretdb").touch()
    document = tmp_path / "toolchain.json"
    document.write_text(f'{{"environment": {{"PLAT_MONGODB_BIN": "{tmp_path / "bin"}"}}}}')
    paths = RuntimePaths(tmp_path)
    for folder in (paths.config, paths.data):
        folder.mkdir()
    return Place(paths, Account(0, 0, switches=False), SERVER, document, _told, _nothing)


def _told(message: str) -> None:
    raise AssertionError(message)


def _nothing() -> None:
    """Stops no server: there is none."""


def _stopping(place: Place) -> tuple[Place, Callable[[], int]]:
    stops: list[None] = []
    return replace(place, stop=lambda: stops.append(None)), lambda: len(stops)


def test_the_administrators_password_is_handed_over_as_a_verifier_that_only_the_server_reads(place: Place) -> None:
    MongoDB().prepare(place)
    verifier = place.config / "administrator.scram"
    assert password_hashes.is_scram_of("password-1", verifier.read_text())
    assert oct(verifier.stat().st_mode & 0o777) == "0o600"
    (spec,) = MongoDB().specs(place)
    assert "password-1" not in f"{spec.command} {spec.environment}"


def test_the_same_password_is_no_reason_for_a_restart_and_another_one_is(place: Place) -> None:
    MongoDB().prepare(place)
    place, stops = _stopping(place)
    MongoDB().prepare(place)
    assert stops() == 0
    MongoDB().prepare(replace(place, inputs=SERVER.model_copy(update={"admin_password": "password-2"})))
    assert stops() == 1


@pytest.mark.parametrize(("durability", "hasty"), [("persistent", False), ("ephemeral", True)])
def test_only_an_ephemeral_server_never_waits_for_the_disk(place: Place, durability: str, *, hasty: bool) -> None:
    (spec,) = MongoDB().specs(replace(place, inputs=SERVER.model_copy(update={"durability": durability})))
    assert ("-hasty" in spec.command) is hasty


def test_a_set_up_without_the_program_is_told(place: Place) -> None:
    (place.paths.root / "bin" / "plat-ferretdb").unlink()
    with pytest.raises(NotInstalled, match=r"plat-ferretdb is not installed: `make up LANDSCAPE=...` gets it \(looked at: "):
        MongoDB().check(place)


def test_a_folder_that_the_environment_names_goes_before_the_set_ups(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert provided.folder("PLAT_MONGODB_BIN", place.toolchain) == place.paths.root / "bin"
    monkeypatch.setenv("PLAT_MONGODB_BIN", "elsewhere")
    assert provided.folder("PLAT_MONGODB_BIN", place.toolchain) == Path("elsewhere")
    assert provided.folder("PLAT_OTHER_BIN", place.toolchain) is None
    assert provided.folder("PLAT_OTHER_BIN", place.paths.root / "none.json") is None
