"""Python's search for garbage in circles, paused while much is made that stays.

It goes through all objects that there are whenever there are a quarter more: of a landscape of a thousand contexts it found
nothing, and took half of the time in which that was read and planned (docs/adr/0038).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(*, for_good: bool = False) -> Iterator[None]:
    """Pause it for as long as the block runs, and `for_good` pass over what there is by then ever after.

    The first search after the block would go through all of it, and a process that works on one landscape ends with it. What
    no circle holds is given back as ever.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if for_good:
            gc.freeze()
        if was_on:
            gc.enable()
