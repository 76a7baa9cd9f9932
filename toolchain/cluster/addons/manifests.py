"""Objects that others write as YAML, kept as JSON: what reads them later has no library for more."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from toolchain.commands import Runner

CONVERT = (
    "import json, sys, yaml; json.dump([item for item in yaml.load_all(sys.stdin, yaml.CSafeLoader) if item], sys.stdout)"
)
"""What the project's Python does with them."""


def as_json(files: Iterable[Path], folder: Path, runner: Runner, python: Path) -> None:
    """Write the objects of all files into `objects.json` of a folder."""
    text = "\n---\n".join(file.read_text(encoding="utf-8") for file in files)
    (folder / "all.yaml").write_text(text, encoding="utf-8")
    convert = f'exec "$1" -c "$2" < {folder / "all.yaml"} > {folder / "objects.json"}'
    runner.run(["sh", "-c", convert, "convert", f"{python}", CONVERT])
