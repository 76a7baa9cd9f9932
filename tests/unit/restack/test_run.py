from __future__ import annotations

import json
from pathlib import Path

from plat.engine import backend_of
from plat.home import Home
from plat.plan.build import build
from plat.plan.model import Texts
from plat.plan.shares import Share, shares
from plat.restack import Restack
from tests.unit.plan.conftest import ENVIRONMENT, GOODS, LANDSCAPE, SALES, load, write


def test_servers_that_are_kept_by_the_landscapes_name_are_no_stack_to_remove(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", {"landscape.yaml": LANDSCAPE, "sales.yaml": SALES, "goods.yaml": GOODS})
    home = Home(tmp_path)
    (home.local / "shop.test").mkdir(parents=True)

    divided = shares(build(load(folder), ENVIRONMENT))
    whole = divided["sales"].stack.whole
    said: list[str] = []
    restack = Restack(home, backend_of(home), whole, lambda: divided, said.append)
    restack.run()

    assert (restack.moves(), said) == ((), [])


def test_a_stack_that_is_current_is_not_looked_through(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", {"landscape.yaml": LANDSCAPE, "sales.yaml": SALES, "goods.yaml": GOODS})
    home = Home(tmp_path)
    divided = shares(build(load(folder), ENVIRONMENT))
    holder, owner = divided["sales"], divided["platform"]
    secret = next(iter(owner.generates))
    resource = {"type": "random:index/randomPassword:RandomPassword", "urn": f"urn:pulumi:s::plat::r::{secret}"}
    state = home.state / ".pulumi" / "stacks" / "plat" / f"{holder.stack}.json"
    state.parent.mkdir(parents=True)
    state.write_text(json.dumps({"checkpoint": {"latest": {"resources": [resource]}}}), encoding="utf-8")

    def moves(*current: Share) -> list[tuple[str, str]]:
        heads = [share.head(Texts()) for share in current]
        found = Restack(home, backend_of(home), holder.stack.whole, lambda: divided, print, lambda: heads).moves()
        return [(move.source, move.dest) for move in found]

    assert moves() == moves(owner) == [(str(holder.stack), str(owner.stack))]
    assert moves(holder) == []
