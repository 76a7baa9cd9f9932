"""Landscapes brought up on a real API server by Plat, by one Pulumi stack, by OpenTofu and by kubectl: the same objects.

    .venv/bin/python -m bench.units [contexts ...] [--contenders NAME ...] [--limit MINUTES]

Each contender gets an API server without anything, brings a landscape up, does so again, changes one context and adds one.
What is measured and what is played: docs/benchmarks.md. Figures are kept in `.plat/bench/`, beside what each command said.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.apiserver import ApiServer, Cluster
from bench.contenders import CONTENDERS, Contender
from bench.figures import ADD, BRING_UP, CHANGE, NO_CHANGE, Figure, table, verdicts
from bench.generated import add, change
from bench.measure import measured
from bench.objects import body, manifests, volumes
from bench.parts import Parts
from bench.project import Copy, copy
from toolchain.cluster.waiting import Waiting
from toolchain.errors import CommandFailedError, SetupError
from toolchain.progress import Progress
from toolchain.site import Site, this_site

SIZES = (10, 100, 1_000)
_ROOT = Path(__file__).resolve().parents[1]
_SPARE_VOLUMES = 8
_LIMIT = 20.0
_MINUTE = 60
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table and what it says of the targets; give 1 where something failed, 130 where it was interrupted."""
    options = _parser().parse_args(arguments)
    site = this_site(_ROOT, os.environ, root=os.geteuid() == 0)
    figures: list[Figure] = []
    code = 0
    try:
        with Progress(sys.stderr) as progress:
            parts = Parts.of(site)
            parts.provide(site, progress)
            bench = Bench(site, parts, options.limit * _MINUTE, progress)
            for contexts in options.contexts or SIZES:
                for name in options.contenders:
                    figures.extend(bench.figures(CONTENDERS[name], contexts))
    except SetupError as error:
        print(error, file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = _INTERRUPTED
    if figures:
        print("\n".join([table(figures), "", *(f"- {each}" for each in verdicts(figures, CONTENDERS["units"].name))]))
    return code or int(any(each.usage.code for each in figures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.units", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("contexts", nargs="*", type=int, help=f"sizes of landscapes (default: {SIZES})")
    parser.add_argument("--contenders", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS), metavar="NAME")
    parser.add_argument("--limit", type=float, default=_LIMIT, help="minutes after which a command is ended (default: 20)")
    return parser


class Bench:
    """Measures one contender after another."""

    def __init__(self, site: Site, parts: Parts, seconds: float, progress: Progress) -> None:
        self._site = site
        self._parts = parts
        self._seconds = seconds
        self._progress = progress
        self._logs = site.local / "bench"
        self._logs.mkdir(exist_ok=True)

    def figures(self, kind: type[Contender], contexts: int) -> Iterator[Figure]:
        """Give what each operation took, until one does not end well or in time; raises `SetupError`."""
        with TemporaryDirectory(prefix="plat-bench-") as temporary, self._progress.step(f"{kind.name}, {contexts}") as step:
            folder = Path(temporary)
            folder.chmod(0o755)  # else the copy's state would be put elsewhere
            cluster = Cluster(self._site, self._parts, folder / "cluster")
            copied = copy(folder / "project", contexts, cluster.access, kind.stacks, self._site)
            self._parts.lend_plugin(Site(copied.root, self._site.cache, self._site.root))
            step.note("bringing an API server up")
            claimed = volumes(map(body, manifests(copied.root, copied.stack)))
            with cluster.serving(claimed + _SPARE_VOLUMES) as server:
                (folder / "own").mkdir()
                contender = kind(copied, server.access, folder / "own", self._parts)
                for operation, prepare in _operations(copied, contexts).items():
                    step.note(operation)
                    prepare()
                    figure = self._figure(contender, contexts, operation, server)
                    yield figure
                    if not figure.done:
                        break
            step.done("measured")

    def _figure(self, contender: Contender, contexts: int, operation: str, server: ApiServer) -> Figure:
        log = self._logs / f"{type(contender).__name__.lower()}-{contexts}.log"
        for command in contender.prepare():
            _run(command, contender, log)
        before = server.requests
        usage = measured(
            contender.command, cwd=contender.copy.root, variables=contender.variables, seconds=self._seconds, log=log
        )
        figure = Figure(contender.name, contexts, operation, usage, server.requests - before)
        with (self._logs / "figures.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(figure)) + "\n")
        if figure.done:
            # What a contender has not waited for must not be the next operation's burden.
            Waiting(log.parent, lambda: None).until("all pods run", lambda: server.is_settled, self._seconds)
        return figure


def _operations(copied: Copy, contexts: int) -> dict[str, Callable[[], object]]:
    """Every operation, with what is done to the descriptors before it."""
    return {
        BRING_UP: lambda: None,
        NO_CHANGE: lambda: None,
        CHANGE: lambda: change(copied.landscape),
        ADD: lambda: add(copied.landscape, contexts),
    }


def _run(command: Sequence[str], contender: Contender, log: Path) -> None:
    variables = {**os.environ, **contender.variables}
    with log.open("a", encoding="utf-8") as told:
        code = subprocess.run(
            command, cwd=contender.copy.root, env=variables, stdout=told, stderr=subprocess.STDOUT, check=False
        ).returncode
    if code:
        raise CommandFailedError(contender.name, " ".join(command[:3]), code, "", log)


if __name__ == "__main__":
    sys.exit(main())
