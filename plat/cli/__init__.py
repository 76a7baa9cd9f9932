"""The `plat` command. Exit codes: 0 fine, 1 findings or a failed unit, 2 wrong usage or unreadable input, 130 interrupted."""

from __future__ import annotations

import sys

import typer

from plat.cli import audit, check, codeowners, draw, explain, impact, operate, plan, preview, records, scaffold, see
from plat.cli.shared import FAILED, INTERRUPTED, UNREADABLE, stderr
from plat.engine import EngineProblem
from plat.home import HomeProblem
from plat.kubernetes.kubectl import ClusterProblem
from plat.machines.problems import SshProblem
from plat.map.picture import PictureProblem
from plat.preview import ReportProblem
from plat.project import Refusal, Unreadable
from providers.common.errors import Problem

app = typer.Typer(
    name="plat",
    help="Turns bounded contexts into infrastructure, each with its own datastore, topics, runtime and rights.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(check.check)
app.command()(check.schema)
app.command()(explain.explain)
app.command()(plan.plan)
app.command()(impact.impact)
app.add_typer(scaffold.app, name="new")
app.command()(operate.up)
app.command()(preview.preview)
app.command()(operate.refresh)
app.command()(operate.restack)
app.command()(operate.down)
app.command()(operate.destroy)
app.command()(see.status)
app.command(name="exec", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(see.execute)
app.command()(see.logs)
app.command()(see.verify)
app.command()(audit.audit)
app.command(name="map")(draw.draw)
app.command()(codeowners.codeowners)
app.command()(records.align)
app.add_typer(records.adr, name="adr")


def main() -> None:
    """Runs the command line; what a user can mend is one message and no traceback."""
    try:
        app(prog_name="plat")
    except Unreadable as problem:
        _end(problem.lines, UNREADABLE)
    except ReportProblem as problem:
        _end([str(problem)], UNREADABLE)
    except Refusal as problem:
        _end(problem.lines, FAILED)
    except (ClusterProblem, EngineProblem, Problem, HomeProblem, PictureProblem, SshProblem) as problem:
        _end([str(problem)], FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as problem:
        _end([f"{problem.strerror}: {problem.filename}" if problem.filename else str(problem)], FAILED)


def _end(lines: tuple[str, ...] | list[str], code: int) -> None:
    for line in lines:
        stderr.print(line, markup=False, highlight=False, soft_wrap=True)
    sys.exit(code)
