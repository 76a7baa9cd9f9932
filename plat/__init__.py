"""Plat: bounded contexts, each with its own database, topics, runtime and rights."""

__version__ = "0.1.0"
