"""A hypervisor on this machine: `python3.11 -m toolchain.vm build|up|down|status`.

Exit codes: 0 done (`status`: it is ready), 1 something is missing or failed (`status`: it is not), 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from toolchain.errors import SetupError
from toolchain.lock import alone_in
from toolchain.progress import Progress
from toolchain.site import this_site
from toolchain.vm.build import Built
from toolchain.vm.control import Hypervisor, Status
from toolchain.vm.places import Places

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = _parser().parse_args(arguments)
    os.umask(0o022)
    try:
        return _run(options)
    except SetupError as error:
        print(f"\nThe hypervisor cannot go on:\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; run the same again to go on.", file=sys.stderr)
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="toolchain.vm", description="Real virtual machines, on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="make programs and the machines' disk image, once")
    commands.add_parser("up", help="bring the hypervisor up, or mend it")
    commands.add_parser("down", help="end and remove it, with all machines")
    status = commands.add_parser("status", help="what runs, and where")
    status.add_argument("--json", action="store_true", help="for programs")
    return parser


def _run(options: argparse.Namespace) -> int:
    checkout = Path(__file__).resolve().parent.parent.parent
    places = Places(this_site(checkout, os.environ, root=os.geteuid() == 0))
    built = Built(places)
    hypervisor = Hypervisor(places, built)
    if options.command == "status":
        status = hypervisor.status()
        print(json.dumps(status.document, indent=2) if options.json else _told(status))
        return 0 if status.ready else 1
    with Progress() as progress:
        if options.command == "build":
            built.build(progress)
            return 0
        places.lock.mkdir(parents=True, exist_ok=True)
        with alone_in(places.lock, progress):
            _change(options.command, hypervisor, places, progress)
    return 0


def _change(command: str, hypervisor: Hypervisor, places: Places, progress: Progress) -> None:
    if command == "up":
        changed = hypervisor.up(progress)
        progress.line("the hypervisor is up" if changed else "the hypervisor was up already")
        progress.line(f"use it: export LIBVIRT_DEFAULT_URI='{places.uri}', disk images in {places.disks}")
    elif owner := hypervisor.down(progress):
        progress.line(f"the hypervisor belongs to {owner} and was left alone")


def _told(status: Status) -> str:
    head = "ready" if status.ready else "not ready" if any(status.daemons.values()) else "no hypervisor runs"
    lines = [f"{head}{f', belongs to {status.owner}' if status.owner else ''}"]
    lines += [f"  {name:<12} {pid or 'does not run'}" for name, pid in status.daemons.items()]
    lines += [f"  machine {name}: {state}" for name, state in status.machines.items()]
    lines += [f"  {status.uri}", f"  disk images in {status.disks}"]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
