"""What the policy pack takes of an update: the same changes of one stack with it and without it, in turns.

    .venv/bin/python -m bench.policies [contexts] [--contender pulumi|units] [--rounds N]

With `units` it is the changed unit's own stack, brought up by `plat up`, with `pulumi` the whole landscape's.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from statistics import median

from bench.contenders import CONTENDERS, Units, update
from bench.figures import BRING_UP, Figure
from bench.generated import change
from bench.project import ENVIRONMENT
from bench.turn import Bench, Turn
from bench.units import finished

_ROUNDS = 3
_WITH, _WITHOUT = "with the pack", "without it"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print medians of wall and processor time, and the share; give 1 where something failed, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="bench.policies", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("contexts", nargs="?", type=int, default=10)
    parser.add_argument("--contender", choices=["pulumi", "units"], default="units")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    options = parser.parse_args(arguments)

    def measure(bench: Bench) -> Sequence[Figure]:
        with bench.turn(CONTENDERS[options.contender], options.contexts) as turn:
            return _in_turns(turn, options.rounds)

    return finished(options.contender, measure, shares)


def shares(figures: Sequence[Figure]) -> list[str]:
    """Give medians of updates with the pack and without it, and its share of one that has it."""
    return [
        _share("wall", [(each.operation, each.usage.wall) for each in figures]),
        _share("processors", [(each.operation, each.usage.processor) for each in figures]),
    ]


def _share(what: str, seconds: Sequence[tuple[str, float]]) -> str:
    judged, plain = (median(taken for operation, taken in seconds if operation == name) for name in (_WITH, _WITHOUT))
    return f"{what:<10} {judged:6.1f} s {_WITH}, {plain:6.1f} s {_WITHOUT}: {1 - plain / judged:.0%} of the update"


def _in_turns(turn: Turn, rounds: int) -> list[Figure]:
    copy = turn.contender.copy
    figures = [turn.figure(BRING_UP)]
    for number in range(rounds):
        for operation in (_WITH, _WITHOUT):
            if not figures[-1].done:
                return figures
            name = change(copy.landscape, f"2.{number}.{int(operation == _WITH)}")
            figures.append(turn.figure(operation, _update(turn, name, pack=operation == _WITH)))
    return figures


def _update(turn: Turn, changed: str, *, pack: bool) -> list[str]:
    copy = turn.contender.copy
    if not isinstance(turn.contender, Units):
        return update(copy, copy.stack, pack=pack)
    plat = ("plat",) if pack else ("env", f"PYTHONPATH={copy.root}", "python", "-m", "bench.unjudged")
    return copy.activated(*plat, "up", copy.landscape.name, changed, "-e", ENVIRONMENT, "--json")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
