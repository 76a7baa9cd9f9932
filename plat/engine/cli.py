"""The Pulumi CLI on one stack."""

from __future__ import annotations

import contextlib
import fcntl
import json
import socket
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from plat.backends import PASSPHRASE, at_folder
from plat.engine import events, messages, process, recovery, secrets, toolchain
from plat.engine.backend import Backend, Lock
from plat.engine.backend.narrow import narrow
from plat.engine.problem import EngineProblem
from plat.home import Home
from plat.written import write_whole

POLICY_PACK = "policies"
_NAMING = {("stack", "init"), ("stack", "rm"), ("state", "move")}
"""The commands that are told the stack in another way than by `--stack`."""

_UPDATES = frozenset({"up", "preview", "refresh", "destroy"})

_SALT = "encryptionsalt:"
"""Begins the line of a stack's settings that Pulumi writes there itself."""


class Engine:
    """Pulumi on the stack `stack` of the project in `home.root`, whose state is in `backend`.

    `say` gets each line that a user should see while it works. Where the stack has to be made, and both have a passphrase,
    its key is that of the stack `like`. Programs and policy packs of its updates get the variables `by`.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it works on, and how
        self,
        home: Home,
        backend: Backend,
        stack: str,
        say: Callable[[str], None],
        like: str = "",
        by: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._home = home
        self._backend = backend
        self.stack = stack
        self._say = say
        self._like = like
        self._by = by
        self._group_file = home.plat / f"update-{stack}.pid"
        self._begun_file = home.plat / f"begun-{stack}.json"
        self._is_alone = False

    def exists(self) -> bool:
        """Whether the stack has ever been made. Raises BackendProblem."""
        return self._backend.states.exists(self.stack)

    def up(
        self, *, refresh: bool = False, previewed: bool = True, variables: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Updates the stack with the policy pack, after finishing what a killed update left. Raises EngineProblem.

        Where there is no such stack yet, it is made. What is `previewed` is judged as a whole before anything of it changes.
        The program gets `variables` too.
        """
        options = [*(["--refresh"] if refresh else []), *([] if previewed else ["--skip-preview"])]
        with self._alone():
            self._recover()
            self._make_stack()
            self._require_provider()
            self._change("up", "--yes", "--policy-pack", POLICY_PACK, "--suppress-outputs", *options, variables=variables)
            self._begun_file.unlink(missing_ok=True)

    def preview(self, also: events.Take = lambda _: None, variables: Mapping[str, str] = MappingProxyType({})) -> None:
        """Says what `up` would change, with the policy pack. Raises EngineProblem.

        `also` gets each line of the engine's log of events, the program `variables`. A stack that is not there yet is there
        for as long as this takes.
        """
        words = ("preview", "--policy-pack", POLICY_PACK, "--suppress-outputs")
        if self.exists():
            self._change(*words, variables=variables, also=also)
            return
        with self._alone():
            self._recover()
            self._make_stack()
            try:
                self._change(*words, variables=variables, also=also)
            finally:
                self._run("stack", "rm", self.stack, "--yes", quiet=True)

    def refresh(self) -> None:
        """Takes into the state what there is. Raises EngineProblem."""
        with self._alone():
            self._recover()
            self._change("refresh", "--yes", "--skip-preview", "--suppress-outputs")

    def destroy(self) -> None:
        """Deletes the stack's resources but for the protected ones. Raises EngineProblem."""
        with self._alone():
            self._recover()
            self._change("destroy", "--yes", "--skip-preview", "--suppress-outputs", "--exclude-protected")

    def remove_stack(self) -> None:
        """Forgets the stack with all that is in it, and its configuration. Raises EngineProblem."""
        with self._alone():
            self._recover()
            self._run("stack", "rm", self.stack, "--yes", "--force", quiet=True)

    def settle(self) -> None:
        """Makes the stack where there is none yet, finishes what a killed update left, and no more. Raises EngineProblem."""
        with self._alone():
            self._recover()
            self._make_stack()

    def move(self, urns: Sequence[str], dest: str) -> None:
        """Puts resources, with their state as it is, into the stack `dest`. Raises EngineProblem."""
        with self._alone():
            self._run("state", "move", "--yes", "--source", self.stack, "--dest", dest, *urns, quiet=True)

    def outputs(self) -> Mapping[str, Any]:
        """The stack's outputs, secrets in plain text: for the caller's eyes only. Raises EngineProblem."""
        text = self._run("stack", "output", "--json", "--show-secrets", quiet=True)
        found: dict[str, Any] = json.loads(text)
        return found

    def generated(self, pairing: str, pairs: Collection[str]) -> tuple[str, ...]:
        """Every secret that the stack has made, in plain text, for what must not be shown. Raises EngineProblem.

        Those called `pairs` are derived from the one called `pairing`.
        """
        return tuple(secrets.generated(self.exported(), pairing, pairs))

    def exported(self) -> Mapping[str, Any]:
        """The stack's state, secrets in plain text: for the caller's eyes only. Raises EngineProblem."""
        return self._export("--show-secrets")

    def rewrite(self, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Puts what `change` makes of the stack's state in its place; secrets in it are encrypted. Raises EngineProblem."""
        with self._alone():
            self._recover()
            state = self._export()
            with tempfile.NamedTemporaryFile("w", dir=self._home.plat, prefix="state-", suffix=".json") as file:
                json.dump(change(state), file)
                file.flush()
                self._run("stack", "import", "--file", file.name, quiet=True)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        # Pulumi's own lock comes late and is not given back by a process that was killed; this one is.
        with self._group_file.with_suffix(".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                msg = f"another `plat up` or `plat destroy` of {self.stack} is running: wait for it to end"
                raise EngineProblem(msg) from None
            self._is_alone = True
            try:
                yield
            finally:
                self._is_alone = False
                # Not by closing alone: a process that another thread has just forked has this file open until it becomes
                # another program, and a lock is held for as long as anybody has.
                fcntl.flock(file, fcntl.LOCK_UN)

    def _recover(self) -> None:
        """Finishes what a killed update left: its processes, its lock, its pending operations."""
        states = self._backend.states
        if process.end_orphans(self._group_file, self._variables):
            self._say("ended what an interrupted update had left running")
            # What was killed earlier is mended already: the backend was opened after it.
            states.mend()
        if not self._backend.shared and states.remove_half_written(self.stack):
            self._say("removed a lock that was only half written")
        held = states.locks(self.stack)
        for lock in held:
            if not self._is_stale(lock):
                msg = (
                    f"another update of {self.stack} is running (PID {lock.pid} on {lock.host}, since {lock.since}): wait "
                    f"for it to end. If it is certainly dead, `pulumi cancel -s {self.stack}` removes its lock"
                )
                raise EngineProblem(msg)
        for lock in held:
            # This one alone: `pulumi cancel` would take somebody else's too, who has got the stack meanwhile.
            states.release(lock)
        if held:
            self._say("removed the lock of an update that was killed")
        self._finish_pending()

    def _is_stale(self, lock: Lock) -> bool:
        """Whether its holder is certainly gone.

        Hosts that share a backend may be called alike, and number processes alike, as containers do: there only what this
        checkout has begun itself is known to be gone.
        """
        own = not self._backend.shared or lock.pid == process.last(self._group_file)
        return own and lock.is_stale(socket.gethostname())

    def _require_provider(self) -> None:
        """Raises EngineProblem where the environment names another secrets provider than the one that the stack has."""
        found = (self._backend.states.latest(self.stack) or {}).get("secrets_providers") or {}
        has = found.get("state", {}).get("url", PASSPHRASE) if found else self._backend.secrets
        if has != self._backend.secrets:
            msg = (
                f"the secrets of {self.stack} are encrypted by {has}, and its environment says `secrets-provider: "
                f"{self._backend.secrets}`: `pulumi stack change-secrets-provider -s {self.stack} '{self._backend.secrets}'` "
                "encrypts them anew"
            )
            raise EngineProblem(msg)

    def _finish_pending(self) -> None:
        latest = self._backend.states.latest(self.stack)
        # A state that cannot be read here is Pulumi's to say something of.
        if not self.exists() or (latest is not None and not latest.get("pending_operations")):
            return
        exported = self._export()
        if not exported["deployment"]:
            self._make_anew()
            return
        lookups, count = recovery.pending(exported)
        if not count:
            return
        self._say(f"looking up {count} operation(s) that an interrupted update left unfinished")
        self._remember(recovery.half_made(exported))
        imports = [word for lookup in lookups for word in ("--import-pending-creates", ",".join(lookup))]
        self._run("refresh", "--yes", "--skip-preview", *imports, quiet=True)
        self._run("refresh", "--yes", "--skip-preview", "--clear-pending-creates", quiet=True)

    def _make_anew(self) -> None:
        """Makes the stack once more, which was killed while it was made: it may say nothing yet of who keeps its secrets."""
        self._say("making the stack anew, whose making was interrupted")
        self._run("stack", "rm", self.stack, "--yes", "--preserve-config", quiet=True)
        self._make_stack()

    def _make_stack(self) -> None:
        if self.exists():
            return
        self._drop_foreign_salt()
        if self._share_salt() and self._backend.states.begin(self.stack, self._like):
            return
        self._run("stack", "init", self.stack, "--no-select", "--secrets-provider", self._backend.secrets, quiet=True)

    def _export(self, *options: str) -> Mapping[str, Any]:
        # Of a stack that is only half made there is no deployment.
        found: dict[str, Any] = json.loads(self._run("stack", "export", *options, quiet=True))
        return {**found, "deployment": found.get("deployment") or {}}

    def _remember(self, begun: Sequence[Mapping[str, str]]) -> None:
        """Keeps what was begun until an update has ended well: once it is forgotten by the state, nobody else knows."""
        if begun:
            known = json.loads(self._begun_file.read_text()) if self._begun_file.exists() else []
            every = [*known, *(item for item in begun if item not in known)]
            write_whole(self._begun_file, json.dumps(every).encode())

    def _drop_foreign_salt(self) -> None:
        # The salt belongs to the passphrase of a `.plat` that is gone, and with it the state that it protected.
        with contextlib.suppress(FileNotFoundError):
            lines = self._settings_file.read_text(encoding="utf-8").splitlines()
            if all(line.startswith(_SALT) for line in lines if line):
                self._settings_file.unlink()

    def _share_salt(self) -> bool:
        """Gives a new stack the key of the stack `like`; whether it has it.

        Whoever reads another stack's outputs has to make its key of the passphrase and its salt, by a million rounds of
        SHA-256 for each salt.
        """
        if not self._like or self._backend.secrets != PASSPHRASE or self._settings_file.exists():
            return False
        found = (self._backend.states.latest(self._like) or {}).get("secrets_providers") or {}
        salt = found.get("state", {}).get("salt") if found.get("type") == PASSPHRASE else None
        if salt:
            self._settings_file.write_text(f"{_SALT} {salt}\n", encoding="utf-8")
        return bool(salt)

    @property
    def _settings_file(self) -> Path:
        return self._home.root / "stacks" / f"Pulumi.{self.stack}.yaml"

    @cached_property
    def _variables(self) -> Mapping[str, str]:
        try:
            found = toolchain.environment(self._home, self._backend.url)
        except toolchain.ToolchainProblem as problem:
            raise EngineProblem(str(problem)) from None
        return {**found, recovery.HALF_MADE: str(self._begun_file.resolve())}

    @property
    def _where(self) -> str:
        """Where its state is, as a message names it."""
        return self._backend.shown if self._backend.shared else self._home.shown(self._home.state)

    def _change(
        self, *words: str, variables: Mapping[str, str] = MappingProxyType({}), also: events.Take = lambda _: None
    ) -> None:
        with events.told(self._home.plat, self._say, also) as options:
            self._run(*words, *options, more={**events.VARIABLES, **self._by, **variables})

    def _run(self, *words: str, quiet: bool = False, more: Mapping[str, str] | None = None) -> str:
        named = () if words[:2] in _NAMING else ("--stack", self.stack)
        on_line = None if quiet else self._say
        variables = {**self._variables, **(more or {})}
        if words[0] in _UPDATES and not self._backend.shared:
            # Without it all goes on, and takes longer the more stacks there are.
            with contextlib.suppress(OSError):
                variables["PULUMI_BACKEND_URL"] = at_folder(narrow(self._home.state.resolve(), self._home.updates.resolve()))
        try:
            argv = [toolchain.pulumi(variables), *words, *named, "--non-interactive"]
        except toolchain.ToolchainProblem as problem:
            raise EngineProblem(str(problem)) from None
        # Only what changes the stack is remembered: looking at it may happen at any time, beside an update.
        group_file = self._group_file if self._is_alone else None
        code, text = process.run(argv, self._home.root, variables, group_file, on_line)
        if code:
            shown = "" if on_line else f":\n{text.strip()}"
            meaning = messages.explain(text, self.stack, self._where)
            msg = f"pulumi {words[0]} of {self.stack} failed (exit code {code}){shown}" + (f"\n{meaning}" if meaning else "")
            raise EngineProblem(msg)
        return text
