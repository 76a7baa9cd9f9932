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
from toolchain.errors import SetupError, SeveralErrors
from toolchain.libraries import Libraries
from toolchain.lock import alone_in
from toolchain.needs import needs_rabbitmq
from toolchain.plugins import Plugins
from toolchain.progress import Progress
from toolchain.rabbitmq import RabbitMQ
from toolchain.site import this_site

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    with_broker = not options.libraries and (not options.landscape or needs_rabbitmq(checkout, options.landscape))
    site = this_site(checkout, os.environ, root=os.geteuid() == 0)
    with alone_in(site.cache, progress):
        libraries = Libraries(site)
        if options.libraries:
            _provide([libraries], progress)
            return
        _set_up_all(site, libraries, progress, with_broker=with_broker)


def _set_up_all(site: Site, libraries: Libraries, progress: Progress, *, with_broker: bool) -> None:
    search_path = os.environ.get("PATH", os.defpath)
    engine = Engine(site, search_path)
    plugins = Plugins(site, engine, search_path)
    broker = RabbitMQ(site, search_path) if with_broker else None
    parts: list[Part] = [Checkout(site), libraries, engine, plugins]
    _provide([*parts, broker] if broker else parts, progress)
    if not engine.installed:
        plugins.register_in(site.local / "pulumi-home")
    wrappers = broker.folder if broker else None
    folders = [*engine.folders, *plugins.folders]
    activation = activation_of(site, folders, wrappers, own_engine=not engine.installed)
    write_activation(site, activation, wrappers)


def _provide(parts: Sequence[Part], progress: Progress) -> None:
    """Provide all parts beside each other, after all have said what they lack: one run names everything to mend."""
    _raise_all([error for part in parts for error in part.lacks()])
    with ThreadPoolExecutor(len(parts)) as threads:
        running = [threads.submit(_provide_one, part, progress) for part in parts]
    failures = [future.exception() for future in running]
    _raise_all([error for error in failures if isinstance(error, SetupError)])
    for future in running:
        future.result()


def _provide_one(part: Part, progress: Progress) -> None:
    with progress.step(part.name) as step:
        part.provide(step)


def _raise_all(errors: Sequence[SetupError]) -> None:
    if errors:
        raise errors[0] if len(errors) == 1 else SeveralErrors(list(errors))


if __name__ == "__main__":
    sys.exit(main())
