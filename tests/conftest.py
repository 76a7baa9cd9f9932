from __future__ import annotations

import gc
import signal

from hypothesis import HealthCheck, settings

# No absolute time means anything on a busy machine, so that no property fails for having been slow.
settings.register_profile("plat", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("plat"), max_examples=5)
settings.load_profile("plat")

# A shell has what it runs in the background ignore interrupts, and all that comes of it: who is interrupted would not end.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is there before the first test is there after the last: the collector of garbage need not look at it again."""
    gc.freeze()
