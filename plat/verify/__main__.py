"""`python -m plat.verify`: makes the attempts that standard input asks for (JSON), and prints what came of each (JSON)."""

from __future__ import annotations

import logging
import sys
from concurrent.futures import ThreadPoolExecutor

from plat.verify import wire
from plat.verify.model import Outcome
from plat.verify.run import attempt

if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    cells, secrets = wire.read_task(sys.stdin.read())
    with ThreadPoolExecutor(8) as pool:
        results: list[Outcome] = attempt(cells, secrets, pool)
    sys.stdout.write(wire.answer(results))
