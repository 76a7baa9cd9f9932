"""A cluster of one node on this machine: `python3.11 -m toolchain.cluster build|up|down|status|tag`.

`build` and `up` take operators by `--with`; a cluster keeps those that it has.

Exit codes: 0 done (`status`: the cluster is ready), 1 something is missing or failed (`status`: it is not), 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from toolchain.cluster.addons.registry import OPERATORS, chosen
from toolchain.cluster.build import Built
from toolchain.cluster.control import Cluster, Status
from toolchain.cluster.places import Places
from toolchain.errors import SetupError
from toolchain.lock import alone_in
from toolchain.progress import Progress
from toolchain.site import this_site

_INTERRUPTED = 130
_AVAILABLE = {True: "available", False: "not available"}
_WITH = f"operators that it has too: {', '.join(sorted(OPERATORS))}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = _parser().parse_args(arguments)
    os.umask(0o022)
    try:
        return _run(options)
    except SetupError as error:
        print(f"\nThe cluster cannot go on:\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; run the same again to go on.", file=sys.stderr)
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="toolchain.cluster", description="A real Kubernetes of one node, on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, told in (("build", "make programs and images, once"), ("up", "bring the cluster up, or mend it")):
        command = commands.add_parser(name, help=told)
        command.add_argument(
            "--with", nargs="+", default=[], choices=sorted(OPERATORS), metavar="NAME", dest="operators", help=_WITH
        )
    commands.add_parser("down", help="end and remove it")
    status = commands.add_parser("status", help="what runs, and in which version")
    status.add_argument("--json", action="store_true", help="for programs")
    tag = commands.add_parser("tag", help="give the base image further names, such as descriptors use")
    tag.add_argument("names", nargs="+", metavar="NAME")
    return parser


def _run(options: argparse.Namespace) -> int:
    checkout = Path(__file__).resolve().parent.parent.parent
    places = Places(this_site(checkout, os.environ, root=os.geteuid() == 0))
    built = Built(places, chosen(places.operators, getattr(options, "operators", ())))
    if options.command == "status":
        status = Cluster(places, built).status()
        print(json.dumps(status.document, indent=2) if options.json else _told(status))
        return 0 if status.ready else 1
    with Progress() as progress:
        if options.command == "build":
            built.build(progress)
            return 0
        places.cache.mkdir(exist_ok=True)
        with alone_in(places.cache, progress):
            _change(options, Cluster(places, built), places, progress)
    return 0


def _change(options: argparse.Namespace, cluster: Cluster, places: Places, progress: Progress) -> None:
    if options.command == "up":
        changed = cluster.up(progress)
        progress.line("the cluster is up" if changed else "the cluster was up already")
        progress.line(f"use it: export KUBECONFIG={places.kubeconfig}")
    elif options.command == "down":
        if owner := cluster.down(progress):
            progress.line(f"the cluster belongs to {owner} and was left alone; this checkout's access to it is removed")
    else:
        progress.line(f"the base image is also {', '.join(cluster.tag(options.names))}")


def _told(status: Status) -> str:
    head = "ready" if status.ready else "not ready" if any(each.pid for each in status.daemons) else "no cluster runs"
    lines = [f"{head}{f', belongs to {status.owner}' if status.owner else ''}"]
    lines += [f"  {each.name:<24} {each.version:<16} {each.pid or 'does not run'}" for each in status.daemons]
    lines += [
        f"  {each.name:<24} {each.version:<16} {'available' if each.available else 'not available'}" for each in status.addons
    ]
    if status.kubeconfig:
        lines.append(f"  {status.server}, KUBECONFIG={status.kubeconfig}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
