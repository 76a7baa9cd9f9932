"""Driving the Pulumi CLI: one update at a time, interrupted ones finished, messages that a user can act on."""

from __future__ import annotations

from plat.engine.cli import Engine, EngineProblem

__all__ = ["Engine", "EngineProblem"]
