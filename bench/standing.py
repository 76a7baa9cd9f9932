"""States of contexts as if they were up: what a run reads of a landscape that stands is there in a minute, not in an hour."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.project import Copy
from plat.home import Home
from plat.plan.model import Texts
from plat.plan.shares import Share, shares
from plat.project import Project

_HISTORY, _STACKS = Path("history", "plat"), Path("stacks", "plat")


def stand_as(copy: Copy, like: str) -> None:
    """Give each stack that is not there the state of its kind of the context `like`, which is up.

    They say that they are current, and on the cluster there is nothing of theirs. Raises `OSError` where `like` is not up.
    """
    root = Home(copy.root).state / ".pulumi"
    found = shares(Project(copy.root).plan(copy.stack))
    missing = [share for share in found.values() if not (root / _STACKS / f"{share.stack}.json").exists()]
    texts = Texts()
    for share in missing:
        _put(root, share, found[share.name.replace(share.unit, like)], share.digest_by(texts))


def _put(root: Path, share: Share, model: Share, digest: str) -> None:
    for path in _files_of(root, str(model.stack)):
        target = Path(str(path).replace(model.unit, share.unit))
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8").replace(model.unit, share.unit)
        target.write_text(_with(digest, text) if path.name == f"{model.stack}.json" else text, encoding="utf-8")


def _files_of(root: Path, stack: str) -> Iterator[Path]:
    """The files of a stack's state and of its history."""
    yield from (path for path in (root / _STACKS).iterdir() if path.name.startswith(f"{stack}.json"))
    yield from (root / _HISTORY / stack).iterdir()


def _with(digest: str, text: str) -> str:
    state: dict[str, Any] = json.loads(text)
    state["checkpoint"]["latest"]["resources"][0]["outputs"]["digest"] = digest
    return json.dumps(state, indent=4)
