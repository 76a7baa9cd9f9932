"""supervisord for one runtime: started when it is needed, told what to run, asked what runs."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from plat.home import Home, HomeProblem, RuntimePaths
from providers.local import files, launch, leftovers, rpc, spec, supervisord_conf
from providers.local.accounts import BASIC_ENVIRONMENT, Account
from providers.local.errors import LocalProblem, SupervisorProblem, Unusable
from providers.local.interpreter import PYTHON
from providers.local.locks import locked
from providers.local.spec import Spec

RUNNING = frozenset({"RUNNING", "STARTING"})
ENDED = frozenset({"STOPPED", "EXITED", "FATAL", "UNKNOWN", "ABSENT"})

_STARTS = 3
"""A program that has ended so often, and once more, will not get ready."""

_SOCKET_LIMIT = 92
"""A unix socket's path has 108 bytes, and supervisord first binds one with its process id appended."""


@dataclass(frozen=True, slots=True)
class ProgramState:
    """What supervisord says of one program; `state` is one of its words, or ABSENT where it does not know the program."""

    name: str
    state: str = "ABSENT"
    pid: int | None = None
    started_at: str = ""
    why: str = ""


_ABSENT = ProgramState("", why="is not supervised")


@dataclass(slots=True)
class Watch:
    """Looks at the program `name` while it should get ready; `why` is how it last ended."""

    name: str
    why: str = ""
    starts: set[str] = field(default_factory=set)

    def ended(self, states: Mapping[str, ProgramState]) -> str:
        """Return why the program will not get ready, or nothing while it may."""
        state = states.get(self.name, _ABSENT)
        self.why = state.why or self.why
        self.starts.add(state.started_at)
        return self.why or "keeps ending" if state.state in ENDED or len(self.starts) > _STARTS else ""


class Supervisor:
    """supervisord for the runtime `paths`, with programs running as `account`."""

    def __init__(self, home: Home, paths: RuntimePaths, account: Account) -> None:
        self.home = home
        self.paths = paths
        self.account = account

    @property
    def socket(self) -> Path:
        """Where supervisord listens: in the runtime, or in a private folder below /tmp where that path is too long."""
        path = self.paths.run / "supervisor.sock"
        if len(os.fsencode(path)) <= _SOCKET_LIMIT:
            return path
        digest = hashlib.sha256(os.fsencode(self.paths.root)).hexdigest()[:12]
        return Path("/tmp") / f"plat-{self.account.uid}-{digest}" / "s.sock"  # noqa: S108 - private and checked

    def is_up(self) -> bool:
        """Tell whether supervisord answers and is not about to end."""
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Fault):
            return False

    def states(self) -> dict[str, ProgramState]:
        """Return what supervisord knows, by program; nothing where it does not run."""
        try:
            found = self._call("getAllProcessInfo")
        except (OSError, xmlrpc.client.Fault):
            return {}
        endings = _endings(files.last_lines(self.paths.logs / "supervisord.log", 1000))
        return {info["name"]: _state(info, endings) for info in found}

    def state(self, name: str) -> ProgramState:
        """Return what supervisord knows of the program `name`."""
        return self.states().get(name, _ABSENT)

    def register(self, specs: Sequence[Spec]) -> None:
        """Tell supervisord of `specs`, starting none; what runs and is to run otherwise from now on is stopped."""
        self.make_folders()
        with self._exclusively():
            self._ensure()
            for new in reversed(specs):
                old = spec.load(self.paths.specs, new.name)
                # Stopped before the spec changes: a run that is killed in between leaves nothing running by the old one.
                if old is None or old.running_part != new.running_part:
                    self.stop(new.name)
                new.save(self.paths.specs, self.account)
            self._apply()

    def ensure(self) -> None:
        """Have supervisord run with all registered programs. Raises LocalProblem."""
        self.register(())

    def unregister(self, names: Sequence[str]) -> None:
        """Forget the programs `names`, stopping those that run; with none left, supervisord ends too."""
        for name in names:
            self.stop(name)
        with self._exclusively():
            for name in names:
                (self.paths.specs / f"{name}.json").unlink(missing_ok=True)
            if not spec.load_all(self.paths.specs):
                self.shut_down()
            elif self.is_up():
                self._apply()

    def start(self, name: str) -> None:
        """Start the registered program `name` unless it runs; what a dead supervisord left of it is ended before."""
        if self.state(name).state in RUNNING:
            return
        self._end_leftover(name)
        try:
            self._call("startProcess", name, False)  # noqa: FBT003 - the call takes it by position: do not wait
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != rpc.FAULT_ALREADY_STARTED:
                msg = f"does not start {name} ({fault.faultString})"
                raise self._problem(msg) from None

    def stop(self, name: str) -> None:
        """Stop the program `name` and wait until nothing is left of it. Raises LocalProblem."""
        registered = spec.load(self.paths.specs, name)
        if self.state(name).state not in ENDED:
            self._stop_supervised(name, registered.stop_seconds if registered else 20)
        self._end_leftover(name)

    def shut_down(self) -> None:
        """End supervisord, and with it whatever still runs."""
        pid = leftovers.running(self._pid_file, self.account)
        try:
            self._call("shutdown")
        except OSError:
            return
        if pid is not None and not leftovers.wait_until_gone(pid, 60):
            msg = "does not end"
            raise self._problem(msg)

    def make_folders(self) -> None:
        """Make the runtime's folders. Raises LocalProblem."""
        try:
            self.home.make_local()
        except HomeProblem as problem:
            raise LocalProblem(str(problem)) from None
        files.make_folder(self.paths.root, 0o755)
        for folder in (self.paths.specs, self.paths.config, self.paths.data, self.paths.source):
            files.make_folder(folder, 0o755)
        for folder in (self.paths.run, self.paths.logs):
            files.make_folder(folder, 0o700, self.account)

    @property
    def _pid_file(self) -> Path:
        return self.paths.run / "supervisord.pid"

    @property
    def _conf(self) -> Path:
        return self.paths.root / "supervisord.conf"

    def _ensure(self) -> None:
        if not self.is_up():
            self._clear_stale()
            self._start()

    def _start(self) -> None:
        source = Path(launch.__file__).read_text(encoding="utf-8")
        launcher = self.paths.root / "launch.py"
        files.write(launcher, source, mode=0o644)
        files.write(self._conf, supervisord_conf.render(spec.load_all(self.paths.specs)), mode=0o644)
        # -I -S: nothing of site-packages, of the current folder or of PYTHON* variables is loaded; it starts in 10 ms.
        environment = {
            **BASIC_ENVIRONMENT,
            supervisord_conf.RUNTIME: str(self.paths.root),
            supervisord_conf.LOGS: str(self.paths.logs).replace("%", "%%"),
            supervisord_conf.SOCKET: str(self.socket),
            supervisord_conf.LAUNCH: shlex.join([PYTHON, "-I", "-S", str(launcher)]),
        }
        argv = [PYTHON, "-I", "-m", "supervisor.supervisord", "-c", str(self._conf)]
        try:
            # The current folder is handed down to every program: a deployable finds its code relative to it.
            done = self.account.run(argv, cwd=self.home.root, env=environment, timeout=60)
        except subprocess.TimeoutExpired:
            msg = "did not start within 60 s"
            raise self._problem(msg) from None
        except PermissionError:
            raise Unusable(_CLOSED.format(path=PYTHON)) from None
        if done.returncode or not self._answers_soon():
            said = done.stdout.strip().splitlines()[-1:] or ["nothing"]
            msg = f"did not start (it said: {said[0]})"
            raise self._problem(msg)

    def _answers_soon(self) -> bool:
        give_up = time.monotonic() + 30
        while not self.is_up():
            if time.monotonic() > give_up:
                return False
            time.sleep(0.05)
        return True

    def _clear_stale(self) -> None:
        pid = leftovers.running(self._pid_file, self.account)
        if pid is not None and str(self._conf) in psutil.Process(pid).cmdline():
            leftovers.end(self._pid_file, self.account, "TERM", 30)
        self._make_socket_folder()
        self.socket.unlink(missing_ok=True)
        self._pid_file.unlink(missing_ok=True)

    def _make_socket_folder(self) -> None:
        folder = self.socket.parent
        if folder == self.paths.run:
            return
        files.make_folder(folder, 0o700, self.account)
        if folder.lstat().st_uid != self.account.uid:
            msg = f"{folder}, where supervisord's socket should lie, belongs to another user: remove it"
            raise Unusable(msg)

    def _apply(self) -> None:
        """Bring supervisord's list of programs in line with the specs."""
        files.write(self._conf, supervisord_conf.render(spec.load_all(self.paths.specs)), mode=0o644)
        try:
            added, changed, removed = self._call("reloadConfig")[0]
        except xmlrpc.client.Fault:
            self._renew()
            return
        running = {name for name in changed if self.state(name).state in RUNNING}
        for name in (*changed, *removed):
            self.stop(name)
            self._call("removeProcessGroup", name)
        for name in (*added, *changed):
            self._call("addProcessGroup", name)
        for name in sorted(running):
            self.start(name)

    def _renew(self) -> None:
        """Start a new supervisord in the place of one that another version of Plat has started, and what ran under it."""
        states = self.states()
        running = [item.name for item in spec.load_all(self.paths.specs) if states.get(item.name, _ABSENT).state in RUNNING]
        self.shut_down()
        self._ensure()
        for name in running:
            self.start(name)

    def _stop_supervised(self, name: str, seconds: int) -> None:
        try:
            self._call("stopProcess", name, False)  # noqa: FBT003 - the call takes it by position: do not wait
        except xmlrpc.client.Fault as fault:
            if fault.faultCode not in {rpc.FAULT_NOT_RUNNING, rpc.FAULT_BAD_NAME}:
                msg = f"does not stop {name} ({fault.faultString})"
                raise self._problem(msg) from None
        give_up = time.monotonic() + seconds + 30
        while self.state(name).state not in ENDED:
            if time.monotonic() > give_up:
                msg = f"does not get {name} to end"
                raise self._problem(msg)
            time.sleep(0.05)

    def _end_leftover(self, name: str) -> None:
        registered = spec.load(self.paths.specs, name)
        how = (registered.stop_signal, registered.stop_seconds) if registered else ("TERM", 20)
        pid_file = self.paths.run / f"{name}.pid"
        leftovers.end(pid_file, self.account, *how)
        if registered and registered.stop_as_group:
            leftovers.end_group(pid_file, self.account)

    def _call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the method returns
        return rpc.Client(self.socket).call(method, *arguments)

    def _problem(self, what: str) -> SupervisorProblem:
        return SupervisorProblem(what, self.home.shown(self.paths.logs / "supervisord.log"))

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        with locked(self.paths.root / ".lock", f"the runtime {self.paths.root.name}"):
            yield


_CLOSED = "the user that servers run as cannot execute {path}: run `make up`, which makes an interpreter that it can"


def _state(info: Mapping[str, Any], endings: Mapping[str, str]) -> ProgramState:
    alive = info["statename"] in RUNNING and info["pid"]
    started = datetime.fromtimestamp(info["start"], UTC).isoformat() if info["start"] else ""
    why = "" if alive else endings.get(info["name"]) or str(info["spawnerr"])
    return ProgramState(info["name"], info["statename"], info["pid"] or None, started, why)


def _endings(lines: Iterable[str]) -> dict[str, str]:
    """Return how each program ended last, as supervisord's log says; it does not tell the status of one that soon ended."""
    matches = filter(None, map(_ENDING.search, lines))
    return {
        match["name"]: f"ended with {match['how']}" if "status" in match["how"] else f"was {match['how']}" for match in matches
    }


_ENDING = re.compile(r" exited: (?P<name>\S+) \((?P<how>exit status \d+|terminated by SIG\w+)")
