"""Plat: bounded contexts, each with its own database, topics, runtime and rights."""
