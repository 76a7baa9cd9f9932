"""The alignment table in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plat.align.model import Row, shown_releases, shown_store
from plat.markdown import escaped

_COLUMNS = ("Context", "Team", "Services", "Databases", "Deployment cadence", "Pattern", "Rationale")


def render(title: str, found: Iterable[tuple[Row, str]]) -> str:
    """Give the table of these rows, each with its rationale, and below it what rows break in the rules' own words."""
    listed = list(found)
    return "\n".join([*_table(title, listed), *_violations(row for row, _ in listed)]) + "\n"


def _table(title: str, found: Iterable[tuple[Row, str]]) -> Iterator[str]:
    yield from (f"# {escaped(title)}: who owns what", "", _line(_COLUMNS), _line("---" for _ in _COLUMNS))
    for row, rationale in found:
        broken = sorted({f"`{violation.rule}`" for violation in row.violations})
        yield _line(
            (
                row.context.name if row.context else "(none)",
                row.team,
                ", ".join(deployable.name for deployable in row.deployables) or "none",
                ", ".join(shown_store(store) for store in row.datastores) or "none",
                shown_releases(row.deployables) or "not said",
                row.alignment,
                f"{rationale} **Violates {', '.join(broken)}.**" if broken else rationale,
            )
        )


def _violations(rows: Iterable[Row]) -> Iterator[str]:
    told = sorted({(violation.rule, violation.message) for row in rows for violation in row.violations})
    if told:
        yield from ("", "## Violations", "")
        yield from (f"- `{rule}`: {' '.join(message.split())}" for rule, message in told)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
