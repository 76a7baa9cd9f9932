"""Lays out the matrix of `plat verify`: rows are rights, columns are whoever tries them. Pure; prints nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from string import ascii_uppercase

from rich.text import Text

from plat.verify.model import Result

_OPEN, _CLOSED, _UNKNOWN = "✓", "✗", "?"
_MARKS = {True: _OPEN, False: _CLOSED, None: _UNKNOWN}
_SAYS = {True: "let in", False: "refused", None: "not to be told"}
_STYLES = {_OPEN: "bold green", _CLOSED: "dim", _UNKNOWN: "bold"}
_SCREAM = "bold white on red"
_INDENT = "  "
_QUOTED = re.compile(r"(['\"`]).*?\1")


def lines(title: str, results: Sequence[Result], *, width: int, verbose: bool = False) -> Iterator[Text]:
    """The whole report, line by line, for a console of `width` columns (a wider matrix is not cut)."""
    yield Text(title, style="bold")
    yield Text()
    yield from _matrix(results, width)
    yield Text()
    yield from _verdict(results)
    yield from _each(results) if verbose else _sorts(results)


def _matrix(results: Sequence[Result], width: int) -> Iterator[Text]:
    names = list(dict.fromkeys(result.cell.principal for result in results))
    label = max((len(_INDENT) + len(result.cell.door.right) for result in results), default=0)
    heads = _heads(names, width - label)
    yield from _key(names, heads)
    for row in range(len(heads[0]) if heads else 0):
        cells = "".join(f" {head[row]:^{_column(head)}}" for head in heads)
        yield Text(f"{' ' * label}{cells}".rstrip(), style="bold")
    columns = dict(zip(names, heads, strict=True))
    for (target, kind), group in groupby(results, key=lambda result: (result.cell.door.target, result.cell.door.kind)):
        yield Text.assemble((target, "bold cyan"), (f"  {kind}", "dim"))
        for right, row_results in groupby(group, key=lambda result: result.cell.door.right):
            yield _row(right, {result.cell.principal: result for result in row_results}, columns, label)


def _row(right: str, results: dict[str, Result], columns: dict[str, list[str]], label: int) -> Text:
    line = Text(f"{_INDENT}{right}".ljust(label))
    for name, head in columns.items():
        mark, style = _mark(results.get(name))
        line.append(" ")
        line.append(f"{mark:^{_column(head)}}", style=style)
    line.rstrip()
    return line


def _mark(result: Result | None) -> tuple[str, str]:
    if result is None:
        return "", ""
    mark = _MARKS[result.outcome.allowed]
    return (f"{mark} !", _SCREAM) if result.differs else (mark, _STYLES[mark])


def _heads(names: Sequence[str], room: int) -> list[list[str]]:
    """Each column's heading, as many lines for all: names, folded at hyphens, or letters where those are too wide."""
    folded = [[name] for name in names], [re.findall(r"[^-]+-?", name) for name in names]
    for heads in folded:
        if sum(1 + _column(head) for head in heads) <= room:
            height = max(map(len, heads))
            return [[""] * (height - len(head)) + head for head in heads]
    return [[_letter(position)] for position in range(len(names))]


def _key(names: Sequence[str], heads: Sequence[list[str]]) -> Iterator[Text]:
    for name, head in zip(names, heads, strict=True):
        if "".join(head) != name:
            yield Text(f"{_INDENT}{head[0]}  {name}")


def _letter(position: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    rest, last = divmod(position, len(ascii_uppercase))
    return (_letter(rest - 1) if rest else "") + ascii_uppercase[last]


def _column(head: list[str]) -> int:
    return max(3, *map(len, head))


def _verdict(results: Sequence[Result]) -> Iterator[Text]:
    differing = [result for result in results if result.differs]
    if not differing:
        opened = sum(result.cell.allowed for result in results)
        yield Text(f"{len(results)} tried: {opened} open, {len(results) - opened} closed, all as declared.", style="green")
        return
    yield Text(f"{len(differing)} of {len(results)} differ from what is declared:", style=_SCREAM)
    for result in differing:
        cell, expected = result.cell, _SAYS[result.cell.allowed]
        yield Text(f"{_INDENT}{cell.principal}: {cell.door.target}, {cell.door.right}", style="bold red")
        yield Text(
            f"{_INDENT * 2}should be {expected} ({cell.why}), is {_SAYS[result.outcome.allowed]}: {result.outcome.words}"
        )


def _sorts(results: Sequence[Result]) -> Iterator[Text]:
    """One of each sort of refusal, with how often it was heard: names differ, the sort does not."""
    heard: dict[str, list[str]] = {}
    for result in results:
        if result.outcome.allowed is False and not result.differs:
            heard.setdefault(_sort(result.outcome.words, result.cell.principal), []).append(result.outcome.words)
    if heard:
        yield Text()
        yield Text("What the servers said to who was refused (--verbose: to each):")
    for words in sorted(heard.values(), key=lambda words: (-len(words), words)):
        yield Text(f"{_INDENT}{len(words):>4}x  {words[0]}", style="dim")


def _sort(words: str, principal: str) -> str:
    return _QUOTED.sub("…", words.replace(principal, "…"))


def _each(results: Iterable[Result]) -> Iterator[Text]:
    yield Text()
    for result in results:
        cell, (mark, style) = result.cell, _mark(result)
        yield Text.assemble(
            (mark.ljust(3), style), f" {cell.principal}: {cell.door.target}, {cell.door.right}: {result.outcome.words}"
        )
