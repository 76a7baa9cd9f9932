"""Driving the Pulumi CLI: one update at a time, interrupted ones finished, messages that a user can act on."""

from __future__ import annotations

from plat.engine.backend import Backend, backend_of
from plat.engine.cli import Engine
from plat.engine.problem import BackendProblem, EngineProblem

__all__ = ["Backend", "BackendProblem", "Engine", "EngineProblem", "backend_of"]
