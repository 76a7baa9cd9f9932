"""The pack under the real engine and the real plugins of Docker and libvirt: what a preview of machines lets pass and refuses.

No machine is made: what is refused here is refused before anything is reached.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.policies.harness import Stack, stack

CANARY = "canary-5d1f07aa"

REFUSED = {
    "a_folder_of_the_machine": ("folder", "way-round-the-fence"),
    "a_forged_device": ("forged", "way-round-the-fence"),
    "a_tag": ("tag", "way-round-the-fence"),
    "an_unfenced_machine": ("machine", "datastore-ownership"),
    "another_contexts_database": ("thief", "datastore-ownership"),
    "anothers_data": ("data", "way-round-the-fence"),
    "anothers_place": ("twin", "way-round-the-fence"),
    "at_every_address": ("open", "way-round-the-fence"),
    "beside_docker": ("socket", "way-round-the-fence"),
    "on_the_host": ("host", "way-round-the-fence"),
    "privileged": ("privileged", "way-round-the-fence"),
}
"""By story, the resource that is refused, and by which rule."""


@pytest.fixture(scope="module")
def harbour() -> Iterator[Stack]:
    with stack("harbour.vm", "machines") as made:
        yield made


def test_what_our_components_make_passes(harbour: Stack) -> None:
    run = harbour.preview()
    assert run.code == 0, run.text
    assert run.refused == {}


def test_every_way_round_is_refused_at_once_and_nothing_else(harbour: Stack) -> None:
    run = harbour.preview(" ".join(REFUSED))

    assert run.code != 0
    assert run.refused.keys() == {name for name, _ in REFUSED.values()}
    assert {name: rule for name, rule in REFUSED.values() if f"error[{rule}]" not in run.refused[name]} == {}
    assert CANARY not in run.text


def test_a_second_provider_that_asks_for_no_host_key_is_refused(harbour: Stack) -> None:
    run = harbour.preview("a_second_provider")

    assert run.code != 0
    assert "by another way than the plan's" in run.refused["mine"]
