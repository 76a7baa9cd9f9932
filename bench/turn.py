"""A contender's turn: an API server without anything, a copy of the project, and operations that are measured one by one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.apiserver import ApiServer, Cluster
from bench.contenders import Contender
from bench.figures import Figure
from bench.measure import measured
from bench.objects import body, manifests, volumes
from bench.parts import Parts
from bench.project import copied
from toolchain.cluster.waiting import Waiting
from toolchain.errors import CommandFailedError
from toolchain.progress import Progress, Step
from toolchain.site import Site

SPARE = 8
"""How many contexts can be added to a landscape: for so many more databases there are volumes."""
_SHOWN_BYTES = 2000


@dataclass(frozen=True)
class Turn:
    """A contender that has done nothing so far, and the API server that is its own."""

    contender: Contender
    contexts: int
    server: ApiServer
    logs: Path
    seconds: float
    step: Step

    def figure(self, operation: str, command: Sequence[str] = ()) -> Figure:
        """Measure one operation, by another command than the contender's own where one is given; raises `SetupError`."""
        self.step.note(operation)
        contender = self.contender
        for words in contender.prepare():
            self._run(words)
        before = self.server.requests
        usage = measured(
            command or contender.command,
            cwd=contender.copy.root,
            variables=contender.variables,
            seconds=self.seconds,
            log=self._log,
        )
        found = Figure(contender.name, self.contexts, operation, usage, self.server.requests - before)
        with (self.logs / "figures.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(found)) + "\n")
        if not found.done:
            self._keep_logs()
        else:
            # What a contender has not waited for must not be the next operation's burden.
            Waiting(self.logs, lambda: None).until("all pods run", lambda: self.server.is_settled, self.seconds)
        return found

    def stand(self) -> None:
        """Wait until nothing tells of what has been done so far: a landscape that stands was not brought up a minute ago.

        Who makes a namespace by Pulumi's provider reads all events that there are.
        """
        self.step.note("standing until events are forgotten")
        Waiting(self.logs, lambda: None).until("events are forgotten", lambda: self.server.has_forgotten, self.seconds)

    def _keep_logs(self) -> None:
        """Keep what Pulumi has said of each stack: the copy goes."""
        for log in (self.contender.copy.root / ".plat" / "logs").glob("*.log"):
            shutil.copy(log, self.logs / f"{self._name}-{log.name}")

    @property
    def _name(self) -> str:
        return f"{type(self.contender).__name__.lower()}-{self.contexts}"

    @property
    def _log(self) -> Path:
        return self.logs / f"{self._name}.log"

    def _run(self, command: Sequence[str]) -> None:
        variables = {**os.environ, **self.contender.variables}
        folder = self.contender.copy.root
        ran = subprocess.run(command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        with self._log.open("ab") as told:
            told.write(ran.stdout)
        if ran.returncode:
            said = ran.stdout[-_SHOWN_BYTES:].decode(errors="replace")
            raise CommandFailedError("bench", " ".join(command[:3]), ran.returncode, said, self._log)


@dataclass(frozen=True)
class Bench:
    """Gives one contender after another its turn; a command is ended after so many seconds."""

    site: Site
    parts: Parts
    seconds: float
    progress: Progress

    @contextmanager
    def turn(self, kind: type[Contender], contexts: int) -> Iterator[Turn]:
        """Give a contender its turn with a landscape of so many contexts; raises `SetupError`."""
        with self.turns(kind, [contexts]) as (turn,):
            yield turn

    @contextmanager
    def turns(self, kind: type[Contender], sizes: Sequence[int]) -> Iterator[list[Turn]]:
        """Give a contender a landscape of each of these sizes, all on one API server; raises `SetupError`."""
        logs = self.site.local / "bench"
        logs.mkdir(exist_ok=True)
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="plat-bench-")))
            folder.chmod(0o755)  # for the copy's state to stay in it, where the folder above is everybody's
            step = stack.enter_context(self.progress.step(f"{kind.name}, {' and '.join(map(str, sizes))}"))
            step.note("copying the checkout")
            cluster = Cluster(self.site, self.parts, folder / "cluster")
            copies = [
                stack.enter_context(copied(folder / f"project-{size}", size, cluster.access, kind.stacks, self.site))
                for size in sizes
            ]
            for copy in copies:
                self.parts.lend_plugin(Site(copy.root, self.site.cache, self.site.root))
            step.note("bringing an API server up")
            claimed = [volumes(map(body, manifests(copy.root, copy.stack))) + SPARE for copy in copies]
            server = stack.enter_context(cluster.serving(sum(claimed)))
            turns = []
            for size, copy in zip(sizes, copies, strict=True):
                own = folder / f"own-{size}"
                own.mkdir()
                turns.append(Turn(kind(copy, server.access, own, self.parts), size, server, logs, self.seconds, step))
            yield turns
            step.done("measured")
