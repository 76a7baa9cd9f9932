"""`plat` without its policy pack, which nobody is to have but who measures what it takes.

python -m bench.unjudged up LANDSCAPE UNIT...
"""

from __future__ import annotations

from collections.abc import Mapping

import plat.rollout.stacks
from plat.cli import main
from plat.engine.cli import POLICY_PACK, Engine

_OPTION = "--policy-pack"


def without_pack(words: tuple[str, ...]) -> list[str]:
    """Give the words of an update without those that ask for the pack; raises RuntimeError where none do."""
    for place, word in enumerate(words):
        if word == _OPTION and words[place + 1 : place + 2] == (POLICY_PACK,):
            return [*words[:place], *words[place + 2 :]]
    msg = f"nothing asks for the policy pack here: {' '.join(words)}"
    raise RuntimeError(msg)


class _Unjudged(Engine):
    def _run(self, *words: str, quiet: bool = False, more: Mapping[str, str] | None = None) -> str:
        return super()._run(*(without_pack(words) if words[0] == "up" else words), quiet=quiet, more=more)


if __name__ == "__main__":
    plat.rollout.stacks.Engine = _Unjudged  # type: ignore[attr-defined]
    main()
