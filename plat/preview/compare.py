"""Whether what would change is still what a report says."""

from __future__ import annotations

from collections.abc import Iterator

from plat.preview.model import Change, Report, StackPreview


def differences(said: Report, now: Report) -> tuple[str, ...]:
    """In which ways `now` is not what was `said`, each for people; nothing where whoever agreed to that may have this.

    Commits may differ, as a merge makes another one. Stacks that stay as they are may have come or gone.
    """
    return tuple(_differences(said, now))


def _differences(said: Report, now: Report) -> Iterator[str]:
    for report, which in ((said, "the report"), (now, "this preview")):
        if not report.complete:
            lost = ", ".join(stack.stack for stack in report.unwell)
            yield f"{which} does not show all that would change: the preview of {lost or 'a stack'} did not end well"
    whole = (said.landscape, said.environment, said.units)
    if whole != (now.landscape, now.environment, now.units):
        yield f"the report is on {_scope(said)}, and this is {_scope(now)}"
        return
    if said.made.program != now.made.program:
        yield "Plat itself, or a library that it is built on, is another one than the report was made with"
    before, after = _changing(said), _changing(now)
    for name in sorted({*before, *after}):
        yield from _of_stack(name, before.get(name), after.get(name))


def _changing(report: Report) -> dict[str, StackPreview]:
    return {stack.stack: stack for stack in report.stacks if stack.state != "current"}


def _of_stack(name: str, said: StackPreview | None, now: StackPreview | None) -> Iterator[str]:
    if said is None:
        yield f"{name}: it would change, and the report says nothing of that"
    elif now is None:
        yield f"{name}: it would not change any more"
    else:
        if said.to != now.to:
            yield f"{name}: its descriptors say something else than those that the report was made of"
        if said.since != now.since:
            yield f"{name}: it has been brought up since the report was made"
        for change in now.changes:
            if change not in said.changes:
                yield f"{name}: {_told(change)} is not in the report"
        for change in said.changes:
            if change not in now.changes:
                yield f"{name}: {_told(change)} is in the report, and would not happen now"


def _told(change: Change) -> str:
    keys = f" ({', '.join(change.keys)})" if change.keys else ""
    return f"{change.op} of {change.type} `{change.name}`{keys}"


def _scope(report: Report) -> str:
    units = f" ({', '.join(report.units)})" if report.units else ""
    return f"{report.landscape} in {report.environment}{units}"
