from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from toolchain.checkout import Checkout, elsewhere_for, ensure_passphrase
from toolchain.errors import EmptyPassphraseError, LostPassphraseError, UnusableFolderError
from toolchain.site import Site, enterable_by_all


@pytest.fixture
def local(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path


def test_a_passphrase_is_made_once_and_only_its_owner_reads_it(local: Path) -> None:
    ensure_passphrase(local)
    first = (local / "passphrase").read_text(encoding="utf-8")
    ensure_passphrase(local)
    assert re.fullmatch(r"[\w-]{43}", first)
    assert (local / "passphrase").read_text(encoding="utf-8") == first
    assert stat.S_IMODE((local / "passphrase").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "\n", "  \t\n"])
def test_an_empty_passphrase_is_refused(local: Path, content: str) -> None:
    (local / "passphrase").write_text(content, encoding="utf-8")
    with pytest.raises(EmptyPassphraseError) as refused:
        ensure_passphrase(local)
    assert str(refused.value) == (
        f"{local}/passphrase is empty: stacks would be encrypted with no passphrase at all. Put the passphrase back "
        "from your backup, or, where no stack exists yet, delete the file and a new one is made"
    )


def test_a_passphrase_that_others_can_read_is_closed_to_them(local: Path) -> None:
    (local / "passphrase").write_text("known", encoding="utf-8")
    (local / "passphrase").chmod(0o644)
    ensure_passphrase(local)
    assert stat.S_IMODE((local / "passphrase").stat().st_mode) == 0o600


def test_no_new_passphrase_is_made_while_stacks_need_the_lost_one(local: Path) -> None:
    stacks = local / "state" / ".pulumi" / "stacks" / "plat"
    stacks.mkdir(parents=True)
    (stacks / "order-processing.local.json").write_text("{}", encoding="utf-8")
    with pytest.raises(LostPassphraseError):
        ensure_passphrase(local)
    assert not (local / "passphrase").exists()


def test_a_folder_is_enterable_by_all_only_if_every_folder_above_it_is(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "outer").chmod(0o700)
    assert not enterable_by_all(inner)
    assert enterable_by_all(Path("/usr/bin"))


@pytest.mark.parametrize(("root", "mode", "lies_elsewhere"), [(True, 0o700, True), (False, 0o700, False)])
def test_only_root_with_a_private_checkout_keeps_its_state_elsewhere(
    tmp_path: Path, *, root: bool, mode: int, lies_elsewhere: bool
) -> None:
    tmp_path.chmod(mode)
    found = Checkout(Site(tmp_path, Path("/var/cache/plat"), root))._elsewhere()
    assert found == (elsewhere_for(tmp_path) if lies_elsewhere else None)


def test_root_with_a_checkout_that_all_may_enter_keeps_its_state_in_it() -> None:
    assert Checkout(Site(Path("/usr"), Path("/var/cache/plat"), root=True))._elsewhere() is None


def test_two_private_checkouts_keep_their_states_apart() -> None:
    assert elsewhere_for(Path("/home/a")) != elsewhere_for(Path("/home/b"))


def test_a_state_folder_where_a_link_should_be_is_named_with_how_to_move_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / ".plat").mkdir()
    found = Checkout(Site(tmp_path, Path("/var/cache/plat"), root=True)).lacks()
    refusals = [error for error in found if isinstance(error, UnusableFolderError)]
    assert [f"mv {tmp_path}/.plat {elsewhere_for(tmp_path)}" in str(error) for error in refusals] == [True]
