"""How the core grows: loading, checking and planning 100, 1,000 and 10,000 contexts, beside a check by JSON Schema alone.

    .venv/bin/python -m bench.core [contexts ...]

The peer reads the same files with PyYAML's C loader and judges each against the shipped JSON Schema: what an editor or a
generic linter does, without locations, links, rules or a plan. Each figure is the processor time of one step in a process of
its own, the least of several runs, so that neither warms the other up; starting Python is not counted.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.generated import write

if TYPE_CHECKING:
    from plat.project import Project

SIZES = (100, 1_000, 10_000)
STEPS = ("load", "check", "plan", "schema")
_RUNS = 3
_SLOW = 5_000  # contexts from where on one run says enough


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Measure and print a table: seconds per step and per thousand contexts, and the largest memory."""
    print(f"{'contexts':>9} {'step':<22} {'seconds':>9} {'per 1,000':>10} {'MiB':>6}")
    for size in sizes:
        with TemporaryDirectory() as folder:
            root = write(Path(folder) / "contexts", size)
            for step in STEPS:
                seconds, memory = min(_in_own_process(step, root) for _ in range(1 if size >= _SLOW else _RUNS))
                each = seconds * 1000 / size
                print(f"{size:>9,} {_TITLES[step]:<22} {seconds:>9.2f} {each:>10.2f} {memory:>6.0f}", flush=True)


def _in_own_process(step: str, root: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "bench.core", f"--{step}", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, memory = json.loads(done.stdout)
    return seconds, memory


def _measured(step: str, root: Path) -> tuple[float, float]:
    work = _WORK[step](root)
    before = time.process_time()
    work()
    seconds = time.process_time() - before
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _load(root: Path) -> Callable[[], object]:
    from plat.landscape import load_landscape  # noqa: PLC0415 - the peer must not pay for it

    def work() -> None:
        result = load_landscape(root)
        assert result.ok, [finding.render() for finding in result.findings[:5]]  # noqa: S101 - a wrong landscape measures nothing

    return work


def _check(root: Path) -> Callable[[], object]:
    project = _project(root)
    return lambda: project.check(root.name)


def _plan(root: Path) -> Callable[[], object]:
    project = _project(root)
    environment = {
        "apiVersion": "plat/v1",
        "kind": "Environment",
        "name": "bench",
        "targets": {"kubernetes": "local", "vm": "local"},
        "ports": {"first": 1024, "last": 65535},
    }
    folder = project.root / "stacks" / "environments"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.yaml").write_text(json.dumps(environment), encoding="utf-8")
    return lambda: project.plan(f"{root.name}.bench").digest


def _schema(root: Path) -> Callable[[], object]:
    import yaml  # noqa: PLC0415 - as above
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    schemas = Path(__file__).parents[1] / "schemas"
    validators = {
        kind: Draft202012Validator(json.loads((schemas / f"{kind.lower()}.schema.json").read_text(encoding="utf-8")))
        for kind in ("Context", "Landscape")
    }

    def work() -> None:
        for path in sorted(root.glob("*.yaml")):
            document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            validators[document["kind"]].validate(document)

    return work


def _project(root: Path) -> Project:
    from plat.project import Project  # noqa: PLC0415 - as above

    return Project(root.parents[1])


_WORK = {"load": _load, "check": _check, "plan": _plan, "schema": _schema}
_TITLES = {
    "load": "plat: load and link",
    "check": "plat: check (rules too)",
    "plan": "plat: check and plan",
    "schema": "peer: JSON Schema alone",
}


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1].startswith("--"):
        print(json.dumps(_measured(sys.argv[1].removeprefix("--"), Path(sys.argv[2]))))
    else:
        main(tuple(int(word) for word in sys.argv[1:]) or SIZES)
