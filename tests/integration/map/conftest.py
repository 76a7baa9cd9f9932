"""Mermaid's own parser, fetched once for all checkouts of this machine, and `dot` as the set-up provides it."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from toolchain.commands import Runner
from toolchain.lock import alone_in
from toolchain.parts import is_complete, key_of, making
from toolchain.progress import Progress
from toolchain.site import this_site

CHECKOUT = Path(__file__).resolve().parents[3]
SOURCES = tuple(Path(__file__).parent / "mermaid" / name for name in ("package.json", "package-lock.json", "parse.mjs"))

Parse = Callable[[Sequence[str]], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def parse() -> Parse:
    """What Mermaid makes of texts."""
    missing = [program for program in ("node", "npm") if not shutil.which(program)]
    if missing:
        pytest.fail(
            f"{' and '.join(missing)} missing: Mermaid's parser runs on Node.js 20 or newer (apt-get install nodejs npm)"
        )
    site = this_site(CHECKOUT, os.environ, root=os.geteuid() == 0)
    base = site.cache / "mermaid" / key_of(source.read_bytes() for source in SOURCES)
    with alone_in(site.cache, Progress(io.StringIO())):
        if not is_complete(base):
            with making(base) as folder:
                for source in SOURCES:
                    shutil.copy(source, folder)
                install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
                Runner("mermaid", site.logs / "mermaid.log").run(install, folder=folder)

    def run(texts: Sequence[str]) -> list[dict[str, Any]]:
        done = subprocess.run(
            ["node", str(base / "parse.mjs")], input=json.dumps(texts), capture_output=True, encoding="utf-8", check=True
        )
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    return run


@pytest.fixture
def dot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the `dot` that the set-up has made in front of the PATH."""
    document = json.loads((CHECKOUT / ".plat" / "toolchain.json").read_text(encoding="utf-8"))
    monkeypatch.setenv("PATH", f"{document['environment']['PLAT_GRAPHVIZ_BIN']}{os.pathsep}{os.environ['PATH']}")
