"""Python's search for garbage in circles, paused while much is made that stays.

It goes through all objects that there are whenever there are a quarter more: of a landscape of a thousand contexts it found
nothing, and took half of the time in which that was read and planned (docs/adr/0038).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause it for as long as the block runs. What no circle holds is given back as ever."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
