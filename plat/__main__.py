"""`python -m plat`."""

from __future__ import annotations

import gc

from plat.cli import main

try:
    main()
finally:
    # With a large landscape the last search for garbage would take a quarter of a second, for what goes with the process.
    gc.freeze()
