"""The Python that servers' keepers and deployables run on."""

from __future__ import annotations

import sys
from pathlib import Path

# `.venv` is a link out of the checkout, which the service user may not be able to pass through. Only the folder is
# resolved: what `bin/python` links to is no longer the virtual environment's.
FOLDER = Path(sys.prefix).resolve() / "bin"
"""The folder with the interpreter and the programs of installed packages."""

PYTHON = str(FOLDER / Path(sys.executable).name)
"""The interpreter, by a path that the service user can pass through where the virtual environment allows it."""
