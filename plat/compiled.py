"""Plans that have been made, kept for whoever needs the same one next: each stack's program, and its policy pack.

A plan follows from files alone: it is kept by a hash of all of them, those of Plat's own program included, and of the day.
It is pickled, into a folder that nobody else may enter: who can write there can read the passphrase beside it, and change
the program itself.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from datetime import date
from pathlib import Path

from plat.asked import ENVIRONMENTS, landscapes
from plat.contents import Contents, Unkept, contents_of
from plat.garbage import uncollected
from plat.home import Home
from plat.pickled import pickled, unpickled
from plat.plan.model import Plan
from plat.plan.shares import Head, Share, shares
from plat.rules import Facts
from plat.stacks import StackName
from plat.versions import program_digest

_CLAIMS, _FACTS, _HEADS, _REST = "/claims", "/facts", "/heads", "/rest"
"""What the whole plan is kept by, beside its shares' names: claims, what judges go by instead of them, and all else.

What runs of many stacks go by, its shares' heads, is kept without it too.
"""

_KEPT = 4
"""How many plans are kept: landscapes and environments that are worked on at one time."""

_PATIENCE = 1.0
"""Seconds that somebody who is just writing is waited for."""


def kept(root: Path, stack: StackName, day: date, make: Callable[[Contents], Plan]) -> Compiled | None:
    """The plan of the landscape of `stack` as it is kept on `day`; None where it cannot be.

    `make` makes one of what has been read of files.
    """
    settings = root / ENVIRONMENTS / f"{stack.environment}.yaml"
    try:
        contents = contents_of(landscapes(root) / stack.landscape, [settings])
    except Unkept:
        return None
    return Compiled(Home(root).plans, key_of(root, stack, day, contents), functools.partial(make, contents))


class Compiled:
    """The plan that is kept below `folder` by `key`, else what `make` gives, which is kept if it can be.

    Shares of it are kept beside it, each by itself: a stack needs its own, which costs the same however many others there
    are. None is kept before somebody needs it: most changes concern few. Their heads can be kept without the plan.
    """

    def __init__(self, folder: Path, key: str, make: Callable[[], Plan]) -> None:
        self._path = folder / f"{key}.db"
        self.make = make

    @property
    def is_there(self) -> bool:
        """Whether anything is kept."""
        return self._path.exists()

    @uncollected()
    def plan(self) -> Plan:
        """The whole plan."""
        rest, claims = self._read(_REST, _CLAIMS)
        if isinstance(rest, Plan) and isinstance(claims, tuple):
            return dataclasses.replace(rest, claims=claims)
        return self._made()

    @uncollected()
    def judged_by(self) -> tuple[Plan, Facts]:
        """The whole plan without its claims, and the facts that follow from these: half of the time that `plan` takes."""
        rest, facts = self._read(_REST, _FACTS)
        if isinstance(rest, Plan) and isinstance(facts, Facts):
            return rest, facts
        plan = self._made()
        return plan, _facts(plan)

    @uncollected()
    def share(self, name: str) -> Share | None:
        """The share of that name; None where the plan has none."""
        (found,) = self._read(name)
        if isinstance(found, Share):
            return found
        share = shares(self.plan()).get(name)
        if share:
            self._keep(lambda: {name: share})
        return share

    @uncollected()
    def heads(self) -> Mapping[str, Head] | None:
        """The heads of its shares by name, as they have been kept; None where they have not."""
        (found,) = self._read(_HEADS)
        return found if isinstance(found, dict) else None

    def keep(self, plan: Plan, needed: Iterable[Share] = ()) -> None:
        """Keeps the plan, which has been made elsewhere, and shares of it that will be needed, if it can."""
        self._keep(lambda: {**_parts(plan), **{share.name: share for share in needed}})

    def keep_heads(self, heads: Mapping[str, Head]) -> None:
        """Keeps the heads of its shares, if it can."""
        self._keep(lambda: {_HEADS: dict(heads)})

    def _read(self, *names: str) -> list[object]:
        """What is kept by these names, each None where it is not there."""
        found: dict[str, bytes] = {}
        if self.is_there:
            with suppress(sqlite3.Error), closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)) as kept:
                for name in names:
                    found.update(kept.execute("SELECT name, content FROM parts WHERE name = ?", (name,)))
        return [unpickled(found[name]) if name in found else None for name in names]

    def _made(self) -> Plan:
        plan = self.make()
        self.keep(plan)
        return plan

    def _keep(self, parts: Callable[[], Mapping[str, object]]) -> None:
        with suppress(OSError, sqlite3.Error):
            rows = [(name, pickled(part)) for name, part in parts().items()]
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                _write(self._path, rows)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise  # It is somebody else's just now, or there is no room.
                self._path.unlink(missing_ok=True)
                _write(self._path, rows)
            by_age = sorted(self._path.parent.glob("*.db"), key=lambda each: each.stat().st_mtime, reverse=True)
            for old in by_age[_KEPT:]:
                old.unlink(missing_ok=True)


def key_of(root: Path, stack: StackName, today: date, contents: Contents) -> str:
    """What tells the plan of the landscape of `stack`, whose files are `contents`, from all others."""
    digest = hashlib.sha256(f"{stack.whole}\0{today}\0{program_digest(root)}".encode())
    for path, content in contents.items():
        digest.update(f"\0{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _parts(plan: Plan) -> Mapping[str, object]:
    return {_REST: dataclasses.replace(plan, claims=()), _CLAIMS: plan.claims, _FACTS: _facts(plan)}


def _facts(plan: Plan) -> Facts:
    return Facts.of(plan.teams, plan.claims)


def _write(path: Path, rows: Iterable[tuple[str, bytes]]) -> None:
    with closing(sqlite3.connect(path, timeout=_PATIENCE)) as kept, kept:
        kept.execute("CREATE TABLE IF NOT EXISTS parts (name TEXT PRIMARY KEY, content BLOB)")
        kept.executemany("INSERT OR REPLACE INTO parts VALUES (?, ?)", rows)
