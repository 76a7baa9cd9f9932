"""The search for garbage is paused for a while, and then goes on as it did."""

from __future__ import annotations

import gc

import pytest

from plat.garbage import uncollected


@pytest.mark.parametrize("on", [True, False])
def test_it_is_paused_and_then_as_before(*, on: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        with uncollected(), uncollected():
            assert not gc.isenabled()
        assert gc.isenabled() is on
        with pytest.raises(KeyError), uncollected():
            raise KeyError
        assert gc.isenabled() is on
    finally:
        (gc.enable if was else gc.disable)()


def test_for_good_what_is_there_is_passed_over() -> None:
    before = gc.get_freeze_count()
    with uncollected():
        pass
    assert gc.get_freeze_count() == before
    try:
        with uncollected(for_good=True):
            pass
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
