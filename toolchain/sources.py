"""From where this machine's apt takes Debian's packages, in the words of sources.list(5).

apt itself is asked and not its files: whichever form they have, and whatever includes them, it knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from toolchain.commands import Runner
from toolchain.errors import WrongSourcesError

SUITE = "bookworm"
"""Debian 12: its PostgreSQL is 15, its Python 3.11 and its Java 17."""

_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_TARGETS = ("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
_WANTED_SUITES = (SUITE, f"{SUITE}-updates", f"{SUITE}-security", f"{SUITE}/updates")
_SETTING = re.compile(r"^Acquire::(?:Check-[\w-]+|Retries|https?(?:::.*)?) ", re.IGNORECASE)


def debian_sources(runner: Runner) -> list[str]:
    """Give the sources of the suite; raises `WrongSourcesError` when apt has none of it."""
    lines = source_lines(runner.run([*_TARGETS, "Origin: Debian"]))
    # Without lists apt does not know whose a source is; the suite's name has to do.
    lines = lines or source_lines(runner.run(_TARGETS))
    if not any(f" {SUITE} " in line for line in lines):
        raise WrongSourcesError(SUITE)
    return lines


def source_lines(targets: Iterable[str]) -> list[str]:
    """Turn what apt says of its sources into lines of a sources.list, those of other suites left out."""
    found = [words for target in targets if len(words := target.split()) == len(("uri", "suite", "component"))]
    signed = f"[signed-by={_KEYRING}] "
    return list(dict.fromkeys(f"deb {signed}{' '.join(words)}" for words in found if words[1] in _WANTED_SUITES))


def transport_settings(runner: Runner) -> list[str]:
    """Give what this machine's apt is told of proxies, retries and the age of lists."""
    return wanted_settings(runner.run(["apt-config", "dump"]))


def wanted_settings(dump: Iterable[str]) -> list[str]:
    """Take of all settings those that say how to fetch."""
    return [line for line in dump if _SETTING.match(line)]
