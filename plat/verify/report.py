"""What `plat verify` found: as a matrix for people, as plain data for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.console import Console

from plat.verify.matrix import lines
from plat.verify.model import Result


@dataclass(frozen=True, slots=True)
class Report:
    """Every cell of the matrix with its outcome, row by row."""

    landscape: str
    environment: str
    results: tuple[Result, ...]

    @property
    def ok(self) -> bool:
        """Whether every cell is as planned."""
        return not self.differing

    @property
    def differing(self) -> tuple[Result, ...]:
        """The cells that are not as planned."""
        return tuple(result for result in self.results if result.differs)

    def render(self, console: Console, *, verbose: bool = False) -> None:
        """Prints the matrix, what differs, and the servers' words: one of each sort, or with `verbose` those of every cell."""
        title = f"{self.landscape}.{self.environment}: who may do what, tried with everybody's own credentials"
        for line in lines(title, self.results, width=console.width, verbose=verbose):
            console.print(line, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, in a stable order."""
        return {
            "landscape": self.landscape,
            "environment": self.environment,
            "ok": self.ok,
            "cells": len(self.results),
            "differing": len(self.differing),
            "results": [_plain(result) for result in self.results],
        }


def _plain(result: Result) -> dict[str, Any]:
    return {
        "principal": result.cell.principal,
        "target": result.cell.door.target,
        "kind": result.cell.door.kind,
        "right": result.cell.door.right,
        "expected": result.cell.allowed,
        "why": result.cell.why,
        "actual": result.outcome.allowed,
        "words": result.outcome.words,
        "differs": result.differs,
    }
