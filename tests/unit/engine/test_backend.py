"""How states are read, whatever keeps them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plat.engine import BackendProblem, backend_of
from plat.engine.backend.bucket import Bucket
from plat.engine.backend.folder import Folder
from plat.engine.backend.stored import Stored
from plat.engine.backend.told import Told
from plat.home import Home

STACK = "shop.sales.local"
NOW = datetime(2026, 11, 28, 12, 0, 0, 500_000, tzinfo=UTC)


def put(root: Path, key: str, content: object) -> None:
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def entry(root: Path, moment: float, content: object) -> None:
    put(root, f".pulumi/history/plat/{STACK}/{STACK}-{int(moment * 1_000_000_000)}.history.json", content)


def test_the_checkouts_own_folder_is_not_shared_and_every_other_backend_is(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert not backend_of(home).shared
    assert backend_of(home).url == f"file://{tmp_path}/.plat/state?metadata=skip"
    for url in (f"file://{tmp_path}/.plat/state", "s3://states?region=x", "gs://states"):
        assert backend_of(home, url).shared
    assert backend_of(home, "s3://states/shop?region=x").shown == "s3://states/shop"


def test_a_relative_folder_is_the_projects_for_us_as_for_pulumi(tmp_path: Path) -> None:
    put(tmp_path / "states", ".pulumi/stacks/plat/shop.local.json", {})
    found = backend_of(Home(tmp_path), "file://./states?no_tmp_dir=true")
    assert found.url == f"file://{tmp_path}/states?no_tmp_dir=true&metadata=skip"
    assert backend_of(Home(tmp_path), "file://./states?metadata=").url == f"file://{tmp_path}/states?metadata="
    assert found.states.stacks() == ["shop.local"]


def test_stacks_are_what_has_a_state_and_not_what_is_kept_of_one(tmp_path: Path) -> None:
    for name in ("b.local.json", "a.local.json", "a.local.json.bak", "-x.json", "c.local.json.attrs"):
        put(tmp_path, f".pulumi/stacks/plat/{name}", {})
    states = Stored(Folder(tmp_path))
    assert states.stacks() == ["a.local", "b.local"]
    assert (states.exists("a.local"), states.exists("c.local")) == (True, False)


def test_what_is_cut_off_beside_a_state_is_removed_and_nothing_else(tmp_path: Path) -> None:
    states = Stored(Folder(tmp_path))
    states.mend()
    folder = ".pulumi/stacks/plat"
    for name in ("a.local.json", "a.local.json.attrs", "b.local.json.attrs", "b.local.json.bak"):
        put(tmp_path, f"{folder}/{name}", "{}" if name.startswith("b.local.json.attrs") else "")
    states.mend()
    assert {path.name for path in (tmp_path / folder).iterdir()} == {"a.local.json", "b.local.json.attrs", "b.local.json.bak"}


def test_the_last_of_a_history_counts_unless_the_state_is_younger(tmp_path: Path) -> None:
    states, second = Stored(Folder(tmp_path)), NOW.timestamp()
    assert states.last_update(STACK, NOW) is None
    entry(tmp_path, second - 10, {"kind": "destroy"})
    assert states.last_update(STACK, NOW) is None
    entry(tmp_path, second, {"kind": "update"})
    put(tmp_path, f".pulumi/history/plat/{STACK}/{STACK}-{int(second) + 9}000000000.checkpoint.json", {})
    assert states.last_update(STACK, NOW) == {"kind": "update"}
    entry(tmp_path, second + 1, "{")
    assert states.last_update(STACK, NOW) is None


def test_one_lock_is_released_and_no_other(tmp_path: Path) -> None:
    for name in ("mine", "theirs"):
        put(tmp_path, f".pulumi/locks/organization/plat/{STACK}/{name}.json", {"pid": 1, "hostname": name})
    states = Stored(Folder(tmp_path))
    mine, theirs = states.locks(STACK)
    states.release(mine)
    assert states.locks(STACK) == [theirs]


def test_what_cannot_be_read_is_a_problem_and_not_an_absence(tmp_path: Path) -> None:
    (tmp_path / ".pulumi" / "stacks" / "plat" / f"{STACK}.json").mkdir(parents=True)
    with pytest.raises(BackendProblem, match="states cannot be read in"):
        Stored(Folder(tmp_path)).latest(STACK)


OTHER = "shop.goods.local"
PROVIDER = {"type": "passphrase", "state": {"salt": "v1:x"}}
LATEST = {"manifest": {"time": "2026-11-28T12:00:00Z", "magic": "m"}, "secrets_providers": PROVIDER, "metadata": {}}


def stored(folder: Path, latest: object, version: int = 3) -> Stored:
    content = {"version": version, "checkpoint": {"stack": f"organization/plat/{STACK}", "latest": latest}}
    put(folder, f".pulumi/stacks/plat/{STACK}.json", content)
    return Stored(Folder(folder))


def test_a_stack_begins_as_its_sibling_did_and_never_in_the_place_of_one(tmp_path: Path) -> None:
    states = stored(tmp_path, {**LATEST, "resources": [{"urn": "x"}]})
    assert states.begin(OTHER, STACK)
    found = states.latest(OTHER)
    assert found
    assert found.keys() == LATEST.keys()
    assert found["secrets_providers"] == PROVIDER
    assert found["manifest"]["magic"] == "m"
    assert found["manifest"]["time"] > LATEST["manifest"]["time"]  # type: ignore[index]
    assert not states.begin(STACK, OTHER)
    assert states.latest(STACK) == {**LATEST, "resources": [{"urn": "x"}]}
    assert states.stacks() == [OTHER, STACK]
    assert {path.suffix for path in (tmp_path / ".pulumi" / "stacks" / "plat").iterdir()} == {".json"}


def test_where_files_cannot_be_linked_none_is_begun_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    states = stored(tmp_path, LATEST)
    monkeypatch.setattr(os, "link", refused)
    assert not states.begin(OTHER, STACK)
    assert [path.name for path in (tmp_path / ".pulumi" / "stacks" / "plat").iterdir()] == [f"{STACK}.json"]


@pytest.mark.parametrize(
    ("latest", "version"), [(LATEST, 4), ({"manifest": LATEST["manifest"]}, 3), (None, 3)], ids=["newer", "less", "nothing"]
)
def test_where_the_siblings_form_is_not_known_none_is_begun(tmp_path: Path, latest: object, version: int) -> None:
    states = stored(tmp_path, latest, version)
    assert not states.begin(OTHER, STACK)
    assert not states.begin(OTHER, "nobody.local")
    assert not states.exists(OTHER)


def test_a_bucket_that_does_not_answer_is_one_clear_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plat.engine.backend.bucket._TRIES", 1)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    with pytest.raises(BackendProblem) as caught:
        Bucket("s3://states/shop?endpoint=127.0.0.1:1&disableSSL=true&region=x&s3ForcePathStyle=true").names("a")
    assert str(caught.value).startswith("states cannot be read in s3://states/shop: Could not connect to the endpoint URL")
    assert "wJalrXUtnFEMI" not in str(caught.value)


def test_a_backend_that_pulumi_tells_of_never_counts_as_applied() -> None:
    deployment = {"manifest": {"time": "2026-11-28T12:00:00Z"}, "resources": [{"urn": "x"}]}
    asked: list[Sequence[str]] = []

    def ask(*words: str) -> str:
        asked.append(words)
        return json.dumps([{"name": STACK}] if words[1] == "ls" else {"version": 3, "deployment": deployment})

    states = Told(ask)
    assert states.stacks() == [STACK]
    assert states.latest(STACK) == deployment
    assert states.latest("another.local") is None
    assert states.last_update(STACK, NOW) is None
    assert asked[-1] == ("stack", "ls", "--json")


def test_a_stack_that_was_killed_while_it_was_made_has_no_state(tmp_path: Path) -> None:
    put(tmp_path, f".pulumi/stacks/plat/{STACK}.json", {"version": 0, "checkpoint": {"stack": f"organization/plat/{STACK}"}})
    told = Told(lambda *words: json.dumps([{"name": STACK}] if words[1] == "ls" else {"version": 3, "deployment": None}))
    for states in (Stored(Folder(tmp_path)), told):
        assert states.exists(STACK)
        assert (states.latest(STACK), states.outline(STACK)) == (None, None)


def test_what_plat_begins_with_does_not_load_the_reader_of_s3() -> None:
    code = "import sys, plat.cli, plat.project; sys.exit('botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
