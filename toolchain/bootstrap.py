"""Sets a checkout up: `python3.11 -m toolchain.bootstrap`, safe to run again, in a second when nothing is to be done.

Exit codes: 0 done, 1 something is missing or failed (told in one message), 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from toolchain.activation import activation_of, write_activation
from toolchain.checkout import Checkout
from toolchain.engine import Engine
from toolchain.errors import SetupError, raise_all
from toolchain.libraries import Libraries
from toolchain.lock import alone_in
from toolchain.needs import words_of
from toolchain.plugins import plugin_sets
from toolchain.progress import Progress
from toolchain.servers import servers
from toolchain.site import this_site

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from toolchain.parts import Part
    from toolchain.site import Site

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the set-up and give its exit code."""
    options = _parser().parse_args(arguments)
    os.umask(0o022)  # what is cached is for every user to run, whatever the umask of the one who made it
    try:
        with Progress() as progress:
            _set_up(options, progress)
    except SetupError as error:
        print(f"\nThe set-up cannot go on:\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; run the same again to go on.", file=sys.stderr)
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="toolchain.bootstrap", description="Set this checkout up.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--landscape", help="only what this landscape needs (default: what any of them may need)")
    what.add_argument("--libraries", action="store_true", help="only the Python libraries, as the checks of code need")
    return parser


def _set_up(options: argparse.Namespace, progress: Progress) -> None:
    checkout = Path(__file__).resolve().parent.parent
    words = words_of(checkout, options.landscape) if options.landscape else None
    site = this_site(checkout, os.environ, root=os.geteuid() == 0)
    with alone_in(site.cache, progress):
        libraries = Libraries(site)
        if options.libraries:
            _provide([libraries], progress)
            return
        _set_up_all(site, libraries, progress, words)


def _set_up_all(site: Site, libraries: Libraries, progress: Progress, words: Collection[str] | None) -> None:
    """Provide all that a landscape with these words needs; what any of them may need for None."""
    search_path = os.environ.get("PATH", os.defpath)
    engine = Engine(site, search_path)
    plugins = plugin_sets(site, engine, search_path, words)
    wanted, others = servers(site, search_path, words)
    _provide([Checkout(site), libraries, engine, *plugins, *wanted], progress)
    if not engine.installed:
        for each in plugins:
            each.register_in(site.local / "pulumi-home")
    # What another landscape has needed stays in use, or its next update would not find it.
    there = [*wanted, *(server for server in others if server.ready)]
    folders = [*engine.folders, *(folder for each in plugins for folder in each.folders)]
    write_activation(site, activation_of(site, folders, there, own_engine=not engine.installed), there)


def _provide(parts: Sequence[Part], progress: Progress) -> None:
    """Provide all parts beside each other, after all have said what they lack: one run names everything to mend."""
    raise_all(error for part in parts for error in part.lacks())
    with ThreadPoolExecutor(len(parts)) as threads:
        running = [threads.submit(_provide_one, part, progress) for part in parts]
    failures = [future.exception() for future in running]
    raise_all(error for error in failures if isinstance(error, SetupError))
    for future in running:
        future.result()


def _provide_one(part: Part, progress: Progress) -> None:
    with progress.step(part.name) as step:
        part.provide(step)


if __name__ == "__main__":
    sys.exit(main())
