"""This machine, as seen from one stack: where its servers live, as whom, and who keeps them running."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from plat.home import Home, HomeProblem, RuntimePaths
from providers.local.accounts import Account
from providers.local.errors import LocalProblem
from providers.local.supervision import Supervisor


@dataclass(frozen=True)
class Machine:
    """The local side of `stack`, whose name is `<landscape>.<environment>`."""

    home: Home
    stack: str

    @cached_property
    def account(self) -> Account:
        """Who servers run as. Raises LocalProblem."""
        return Account.current()

    @cached_property
    def paths(self) -> RuntimePaths:
        """The runtime's files. Raises LocalProblem."""
        try:
            return self.home.runtime(self.stack)
        except HomeProblem as problem:
            raise LocalProblem(str(problem)) from None

    @cached_property
    def supervisor(self) -> Supervisor:
        """What keeps this stack's programs running."""
        return Supervisor(self.home, self.paths, self.account)

    @property
    def environment(self) -> str:
        """The environment's name, in whose file ports are set."""
        return self.stack.partition(".")[2] or self.stack
