"""`python -m ci comment FILE` and `python -m ci fetch FILE`: a report on its way to a change, and back when it is merged."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ci.host import HostProblem, host

app = typer.Typer(help="What a pipeline says to GitHub or GitLab.", no_args_is_help=True, add_completion=False)

_FAILED = """{marker}
## Plat preview: {scope}

> [!CAUTION]
> **There is no preview of this change: it failed before it could say anything, and what stood here before counts no more.**
> The job's log says why.
"""


@app.command()
def comment(
    file: Annotated[Path, typer.Argument(help="The report in Markdown; missing or empty where `plat preview` made none.")],
) -> None:
    """Writes the one comment on the change, or writes it anew; that there is no report is said too."""
    scope = f"{os.environ.get('LANDSCAPE', '')}.{os.environ.get('PLAT_ENVIRONMENT', '')}"
    marker = f"<!-- plat preview {scope} -->"
    body = file.read_text(encoding="utf-8") if file.is_file() else ""
    if not body.startswith(marker):
        body = _FAILED.format(marker=marker, scope=scope)
    if commit := os.environ.get("PLAT_HEAD", ""):
        body = f"{body.rstrip()}\n\nOf `{commit}`; another commit makes it stale.\n"
    typer.echo(host().comment(marker, body))


@app.command()
def fetch(
    file: Annotated[Path, typer.Argument(help="Where the report goes.")],
    name: Annotated[
        str, typer.Option("--name", help="What the artifact, or the job that made it, is called.")
    ] = "plat-preview",
) -> None:
    """Gets the report that was agreed to when the change was merged whose commit this is."""
    file.write_bytes(host().agreed(name))
    typer.echo(f"{file}: the report that the change had when it was merged")


if __name__ == "__main__":
    try:
        app(prog_name="python -m ci")
    except HostProblem as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(1)
