"""Where states are kept, as Plat reads it: which stacks there are, what their last update left, who holds them."""

from __future__ import annotations

from plat.engine.backend.choose import backend_of
from plat.engine.backend.model import Backend, Lock, States

__all__ = ["Backend", "Lock", "States", "backend_of"]
