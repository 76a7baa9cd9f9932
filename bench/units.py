"""Landscapes brought up on a real API server by Plat, by one Pulumi stack, by OpenTofu and by kubectl: the same objects.

    .venv/bin/python -m bench.units [contexts ...] [--contenders NAME ...] [--limit MINUTES] [--times N]

Each contender gets an API server without anything, brings a landscape up, does so again, changes one context and adds one.
What takes seconds is measured several times, and the middle one told.
What is measured and what is played: docs/benchmarks.md. Figures are kept in `.plat/bench/`, beside what each command said.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.contenders import CONTENDERS, Contender
from bench.figures import ADD, BRING_UP, CHANGE, NO_CHANGE, Figure, programs, table, typical, verdicts
from bench.generated import FEWEST, add, change
from bench.parts import Parts
from bench.turn import SPARE, Bench
from toolchain.errors import SetupError
from toolchain.progress import Progress
from toolchain.site import this_site

SIZES = (10, 100, 1_000)
LIMIT = 90.0
_MINUTE = 60
_MOST = 5
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table and what it says of the targets; give 1 where something failed, 130 where it was interrupted."""
    options = _parser().parse_args(arguments)
    figures: list[Figure] = []
    code = 0
    try:
        with Progress(sys.stderr) as progress:
            bench = opened(progress, options.limit, options.contenders)
            for contexts in options.contexts or SIZES:
                for name in options.contenders:
                    figures.extend(_figures(bench, CONTENDERS[name], contexts, options.times))
    except SetupError as error:
        print(error, file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = INTERRUPTED
    if figures := typical(figures):
        told = [*verdicts(figures, CONTENDERS["units"].name), *(programs(figures) if options.programs else ())]
        print("\n".join([table(figures), "", *(f"- {each}" for each in told)]))
    return code or int(any(each.usage.code for each in figures))


def finished(
    contender: str, measure: Callable[[Bench], Sequence[Figure]], told: Callable[[Sequence[Figure]], Iterable[str]]
) -> int:
    """Measure one contender and print what is told of it; give 1 where something failed, 130 where it was interrupted."""
    try:
        with Progress(sys.stderr) as progress:
            bench = opened(progress, LIMIT, [contender])
            figures = measure(bench)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    if not all(each.done for each in figures):
        print(f"an update has failed: see {bench.site.local / 'bench'}", file=sys.stderr)
        return 1
    print("\n".join(told(figures)))
    return 0


def opened(progress: Progress, minutes: float, contenders: Iterable[str]) -> Bench:
    """Give a bench whose commands may take so long, with all that these contenders need; raises `SetupError`."""
    site = this_site(Path(__file__).resolve().parents[1], os.environ, root=os.geteuid() == 0)
    parts = Parts.of(site)
    parts.provide(site, progress, [program for name in contenders for program in CONTENDERS[name].programs(parts)])
    return Bench(site, parts, minutes * _MINUTE, progress)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.units", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("contexts", nargs="*", type=size_of, help=f"sizes of landscapes (default: {SIZES})")
    parser.add_argument("--contenders", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS), metavar="NAME")
    parser.add_argument("--limit", type=float, default=LIMIT, help="minutes after which a command is ended (default: 90)")
    often = "how often each operation but the first is measured (default: as often as in a minute, at most five times)"
    parser.add_argument("--times", type=times_of, help=often)
    parser.add_argument("--programs", action="store_true", help="say which programs took the processors' time, too")
    return parser


def size_of(text: str) -> int:
    """Give the number of contexts that an argument names; raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < FEWEST:
        msg = f"{text} is no number of contexts from {FEWEST} on: in a smaller landscape nothing is there to be changed"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def times_of(text: str) -> int:
    """Give how often something is to be done; raises ArgumentTypeError."""
    if not text.isdecimal() or not 0 < int(text) <= SPARE:
        msg = f"{text} is no number of times from 1 to {SPARE}: there are volumes for no more contexts"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _figures(bench: Bench, kind: type[Contender], contexts: int, times: int | None) -> Iterator[Figure]:
    """Give what each operation took, until one does not end well or in time."""
    with bench.turn(kind, contexts) as turn:
        figure = turn.figure(BRING_UP)
        yield figure
        if figure.done:
            turn.stand()
        for operation, prepare in _small(turn.contender.copy.landscape, contexts).items():
            if not figure.done:
                return

            def measure(nth: int, operation: str = operation, prepare: Callable[[int], object] = prepare) -> Figure:
                prepare(nth)
                return turn.figure(operation)

            for figure in repeated(measure, times):
                yield figure


def repeated(measure: Callable[[int], Figure], times: int | None) -> Iterator[Figure]:
    """Give so many figures of one operation, for None as many as a minute is enough for; after one that is not done no more.

    `measure` gets their number, from 0.
    """
    spent = 0.0
    for nth in range(times or _MOST):
        figure = measure(nth)
        yield figure
        spent += figure.usage.wall
        if not figure.done or (times is None and spent >= _MINUTE):
            return


def _small(landscape: Path, contexts: int) -> Mapping[str, Callable[[int], object]]:
    """The operations on a landscape that stands, each with what is done to the descriptors before it, by how often it was."""
    return {
        NO_CHANGE: lambda _: None,
        CHANGE: lambda nth: change(landscape, f"1.5.{nth}"),
        ADD: lambda nth: add(landscape, contexts, nth),
    }


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
