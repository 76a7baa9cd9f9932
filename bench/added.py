"""One context more to landscapes of several sizes, in turns on one API server: what it costs, and how many times that.

    .venv/bin/python -m bench.added [contexts ...] [--rounds N]

Of each landscape only the platform is up, what has been added, and the context that it calls. The stacks of all others have
states that say so of them, too (`bench.standing`): `bench.units` brings all of it up first, which takes more than an hour.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from statistics import median

from bench.contenders import CONTENDERS
from bench.figures import ADD, BRING_UP, Figure
from bench.generated import add, called
from bench.standing import stand_as
from bench.turn import Bench, Turn
from bench.units import finished, size_of, times_of
from plat.plan.model import PLATFORM

_SIZES = (10, 1_000)
_ROUNDS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print what each took, and the medians; give 1 where something failed, 130 where it was interrupted."""
    parser = argparse.ArgumentParser(prog="bench.added", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("contexts", nargs="*", type=size_of, help=f"sizes of landscapes (default: {_SIZES})")
    parser.add_argument("--rounds", type=times_of, default=_ROUNDS, help=f"how often one is added (default: {_ROUNDS})")
    options = parser.parse_args(arguments)

    def measure(bench: Bench) -> Sequence[Figure]:
        with bench.turns(CONTENDERS["units"], options.contexts or _SIZES) as turns:
            return list(_figures(turns, options.rounds))

    return finished("units", measure, told)


def told(figures: Sequence[Figure]) -> list[str]:
    """Give for each size what every addition took and the median, and how many times the smallest size's that is."""
    sizes = sorted({each.contexts for each in figures})
    walls = {size: [each.usage.wall for each in figures if each.contexts == size and each.operation == ADD] for size in sizes}
    few = median(walls[sizes[0]])
    lines = []
    for size, found in walls.items():
        times = f", {median(found) / few:.2f} times that of {sizes[0]:,}" if size != sizes[0] else ""
        each = ", ".join(f"{wall:.1f}" for wall in found)
        lines.append(f"one more to {size:>6,}: {each} s; median {median(found):.1f} s{times}")
    return lines


def _figures(turns: Sequence[Turn], rounds: int) -> Iterator[Figure]:
    """Give what each took, until one does not end well."""
    for turn in turns:
        copy, like = turn.contender.copy, called(turn.contexts)
        figure = turn.figure(BRING_UP, [*turn.contender.command, PLATFORM, like])
        yield figure
        if not figure.done:
            return
        stand_as(copy, like)
    for number in range(rounds):
        for turn in turns:
            add(turn.contender.copy.landscape, turn.contexts, number)
            figure = turn.figure(ADD)
            yield figure
            if not figure.done:
                return


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
