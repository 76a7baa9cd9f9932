"""`plat check` and `plat schema`: descriptors judged, and described for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from plat.cli.shared import FAILED, UNREADABLE, Format, FormatOption, print_json, project, say, stderr
from plat.descriptors.errors.reading import UNREADABLE_RULES
from plat.descriptors.models import KINDS
from plat.descriptors.reference import reference_text
from plat.descriptors.schema import schema_text
from plat.findings import INDENT, Finding, Severity
from plat.project import Checked, Unreadable
from plat.rules.map import Accepted


def check(
    landscape: Annotated[str | None, typer.Argument(help="A folder below contexts/; all of them if left out.")] = None,
    format: FormatOption = Format.TEXT,  # noqa: A002 - the name of the option
) -> None:
    """Judges descriptors: exits 0 when nothing is wrong, 1 with findings, 2 when something cannot be read."""
    here = project()
    names = [landscape] if landscape else list(here.landscape_names())
    if not names:
        msg = f"no landscape in {here.landscapes}: make one with `plat new landscape NAME`"
        raise Unreadable([msg])
    results = {name: here.check(name) for name in names}
    if format is Format.JSON:
        print_json({name: _as_dict(result) for name, result in results.items()})
    else:
        for name, result in results.items():
            _print(name, result)
    if any(finding.rule in UNREADABLE_RULES for result in results.values() for finding in result.findings):
        raise typer.Exit(UNREADABLE)
    if any(result.refused for result in results.values()):
        raise typer.Exit(FAILED)


def schema(
    kind: Annotated[str | None, typer.Argument(help=f"{', '.join(sorted(KINDS))}; all of them if left out.")] = None,
    reference: Annotated[
        bool, typer.Option("--reference", help="Writes the reference for people instead, as Markdown.")
    ] = False,
) -> None:
    """Writes the JSON Schema of descriptors, for editors to complete and check them."""
    if reference:
        typer.echo(reference_text(), nl=False)
        return
    try:
        text = schema_text(kind)
    except KeyError as unknown:
        msg = f"there is no kind {unknown}: {', '.join(sorted(KINDS))} are the kinds of descriptors"
        raise Unreadable([msg]) from None
    typer.echo(text, nl=False)


def _as_dict(result: Checked) -> dict[str, object]:
    return {
        "ok": not result.refused,
        "findings": [finding.to_dict() for finding in result.findings],
        "accepted": [accepted.to_dict() for accepted in result.accepted],
    }


def _print(name: str, result: Checked) -> None:
    for finding in result.findings:
        stderr.print(finding.render(), markup=False, highlight=False, soft_wrap=True, style=_style(finding))
    for accepted in result.accepted:
        say(_accepted(accepted))
    wrong = sum(finding.severity is Severity.ERROR for finding in result.findings)
    warned = len(result.findings) - wrong
    counted = _count(warned, "warning") + (f", {len(result.accepted)} accepted" if result.accepted else "")
    if result.landscape is not None and not wrong:
        contexts = len(result.landscape.contexts)
        say(f"{name}: {contexts} context(s), {len(result.landscape.deployables)} deployable(s), {counted}")
    else:
        say(f"{name}: {_count(wrong, 'error')}, {counted}")


def _accepted(accepted: Accepted) -> str:
    finding, exception = accepted.finding, accepted.exception
    return (
        f"{finding.location}: accepted[{finding.rule}] until {exception.until} by {exception.owner}: {finding.message}\n"
        f"{INDENT}{exception.reason}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"


def _style(finding: Finding) -> str:
    return "red" if finding.severity is Severity.ERROR else "yellow"
