"""The composition root: where descriptors, environments and rules are found and put together."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

from plat.asked import CONTEXTS_VARIABLE, TODAY_VARIABLE, landscapes, today
from plat.backends import is_same
from plat.compiled import Compiled, kept
from plat.contents import Contents
from plat.environment import Environment, EnvironmentProblem, load_environment
from plat.findings import Finding, errors
from plat.garbage import uncollected
from plat.home import Home
from plat.landscape import Landscape, LoadResult, load_landscape
from plat.meanwhile import meanwhile
from plat.parsed import Parsed
from plat.plan.build import build
from plat.plan.intent import intended_claims
from plat.plan.model import Plan
from plat.plan.numbers import NumberProblem
from plat.plan.problem import PlanProblem
from plat.plan.shares import Share, shares, whole
from plat.reach import Reach
from plat.recalled import recalled
from plat.refusal import Refusal, Unreadable
from plat.rules import Facts, judge
from plat.rules.map import Accepted, judge_map
from plat.stacks import StackName, StackNameProblem
from plat.versions import program_digest

__all__ = ["CONTEXTS_VARIABLE", "TODAY_VARIABLE", "Checked", "Project", "Refusal", "Unreadable"]


def _named(stack: str) -> StackName:
    try:
        return StackName.parse(stack)
    except StackNameProblem as problem:
        raise Unreadable([str(problem)]) from None


def _refusal(findings: Iterable[Finding]) -> Refusal:
    return Refusal(finding.render() for finding in errors(findings))


@dataclass(frozen=True, slots=True)
class Checked:
    """A landscape with all that is wrong with it; `landscape` is None where it could not be linked.

    `accepted` are the findings that an exception of the landscape lets pass; they are not among `findings`.
    """

    landscape: Landscape | None
    findings: tuple[Finding, ...]
    accepted: tuple[Accepted, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether any finding is an error."""
        return bool(errors(self.findings))


@dataclass(frozen=True, slots=True)
class Project:
    """A checkout of Plat, or of a project made in its image; `today` decides what has expired."""

    root: Path
    today: date = field(default_factory=today)

    @property
    def landscapes(self) -> Path:
        """The folder that holds a folder per landscape."""
        return landscapes(self.root)

    def landscape_names(self) -> tuple[str, ...]:
        """The landscapes that there are, by name."""
        if not self.landscapes.is_dir():
            return ()
        return tuple(sorted(folder.name for folder in self.landscapes.iterdir() if (folder / "landscape.yaml").exists()))

    @uncollected()
    def check(self, landscape: str) -> Checked:
        """Loads and judges `landscape`. Raises Unreadable where there is no such landscape."""
        return self._checked(load_landscape(self._folder(landscape)))

    @uncollected()
    def check_for(self, stack: str) -> Checked:
        """The same of the landscape of a stack; of many stacks' descriptors only those are read that have changed.

        Raises Unreadable.
        """
        return self._checked(self._loaded(stack))

    def _loaded(self, stack: str, contents: Contents = MappingProxyType({})) -> LoadResult:
        name = _named(stack).landscape
        folder = self._folder(name)
        if self.environment(stack).stacks == "landscape":
            return load_landscape(folder)
        with recalled(Home(self.root).plans / f"{name}.parsed") as kept:
            return load_landscape(folder, Parsed(kept, program_digest(self.root), contents))

    def _folder(self, landscape: str) -> Path:
        folder = self.landscapes / landscape
        if not folder.is_dir():
            known = ", ".join(self.landscape_names()) or "none"
            msg = f"there is no landscape `{landscape}`: {self._shown(folder)} does not exist (there are: {known})"
            raise Unreadable([msg])
        return folder

    def _checked(self, loaded: LoadResult) -> Checked:
        if loaded.landscape is None:
            return Checked(None, loaded.findings)
        judged, accepted = self._judged(loaded.landscape)
        return Checked(loaded.landscape, tuple(sorted({*loaded.findings, *judged})), accepted)

    def _judged(self, landscape: Landscape) -> tuple[tuple[Finding, ...], tuple[Accepted, ...]]:
        """What is wrong with what descriptors say together, and what of it is let pass."""
        claims = intended_claims(landscape)
        teams = {context.name: context.team for context in landscape.contexts}
        of_map = judge_map(landscape, self.today)
        return (*judge(claims, Facts.of(teams, claims, self.today)), *of_map.findings), of_map.accepted

    def environment(self, stack: str) -> Environment:
        """The environment of a stack. Raises Unreadable."""
        try:
            return load_environment(_named(stack).environment, self.root)
        except EnvironmentProblem as problem:
            raise Unreadable([str(problem)]) from None

    def require_backend(self, stack: str) -> None:
        """Raises Unreadable where Pulumi runs on another backend than its environment names: it would make all once more."""
        named, said = self.environment(stack).backend, os.environ.get("PULUMI_BACKEND_URL")
        if named and said and not is_same(named, said, self.root):
            name = _named(stack)
            msg = (
                f"the states of {name.environment} are in {named}, as stacks/environments/{name.environment}.yaml says, and "
                f"Pulumi was told of another backend: `export PULUMI_BACKEND_URL='{named}'`, or use `plat`"
            )
            raise Unreadable([msg])

    def plan(self, stack: str) -> Plan:
        """The plan of the landscape of a stack. Raises Refusal where it must not or cannot be provisioned."""
        found = self.compiled(stack)
        return found.plan() if found else self.planned(stack)

    def compiled(self, stack: str, also: Callable[[Plan], None] = lambda _: None) -> Compiled | None:
        """The plan as it is kept, where many stacks need the same one; `also` as in `planned`. Raises Unreadable."""
        if self.environment(stack).stacks == "landscape":
            return None
        return kept(self.root, _named(stack), self.today, lambda contents: self.planned(stack, also, contents))

    @uncollected()
    def planned(
        self, stack: str, also: Callable[[Plan], None] = lambda _: None, contents: Contents = MappingProxyType({})
    ) -> Plan:
        """The same plan, whatever is kept. Raises Refusal.

        Files whose `contents` are known are not read again. `also` is what may be worked out of the plan while it is still
        being judged. It must do nothing else: the plan may be refused, and then be nobody's.
        """
        settings = self.environment(stack)
        loaded = self._loaded(stack, contents)
        landscape = loaded.landscape
        if landscape is None:
            raise _refusal(loaded.findings)
        judged = meanwhile(lambda: (*loaded.findings, *self._judged(landscape)[0]))
        try:
            plan = build(landscape, settings)
            # Only now are addresses known that a descriptor's own literals could lead to.
            judged_by_reach = meanwhile(lambda: self._judged_by_reach(plan))
            also(plan)
        except PlanProblem as problem:
            raise Refusal([str(problem)]) from None
        except NumberProblem as problem:
            raise Unreadable([f"stacks/environments/{_named(stack).environment}.yaml: {problem}"]) from None
        finally:
            # What is refused need not be such that it can be planned, and that is what has to be said of it then.
            if errors(judged()):
                raise _refusal(self._checked(loaded).findings) from None
        if found := judged_by_reach():
            raise _refusal(found)
        return plan

    def _judged_by_reach(self, plan: Plan) -> tuple[Finding, ...]:
        """What is wrong with where words in descriptors lead."""
        facts = Facts.of(plan.teams, plan.claims, self.today)
        return tuple(judge(Reach(plan, facts).of_plan(), facts))

    @uncollected()
    def share(self, stack: str) -> Share:
        """What a stack holds of its landscape. Raises Refusal as `plan`, and where its environment has no such stack."""
        name = _named(stack)
        if self.environment(stack).stacks == "landscape":
            if name.share:
                msg = (
                    f"{name.environment} has one stack for a whole landscape, {name.whole}: `stacks: unit` in "
                    f"stacks/environments/{name.environment}.yaml gives each unit its own"
                )
                raise Unreadable([msg])
            return whole(self.plan(stack))
        compiled = self.compiled(stack)
        share = compiled.share(name.share) if compiled else None
        if share:
            return share
        found = shares(self.plan(stack))
        if name.share not in found:
            near = difflib.get_close_matches(name.share, found, n=1)
            hint = f"; the nearest is `{name.of(near[0])}`" if near else ""
            msg = f"{name.landscape} has no share `{name.share}` in {name.environment} (there are: {', '.join(found)}){hint}"
            if not name.share:
                msg = (
                    f"{name.environment} has a stack for each unit, as {name.of(next(iter(found)))}: `plat up` brings them up"
                )
            raise Unreadable([msg])
        return found[name.share]

    def _shown(self, path: Path) -> str:
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)
