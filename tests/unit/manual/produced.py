"""Which rules the product's code can give findings of: read out of its source, so that none is forgotten."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from plat.explanation import Explanation

ROOT = Path(__file__).resolve().parents[3]
_MAKERS = {"Finding", "Problem"}
# What hands on the id that somebody else gave: `Problem.at`.
_HANDED_ON = {"self.rule"}


def modules() -> Iterator[tuple[Path, ModuleType]]:
    """Every module of the product's core."""
    for path in sorted((ROOT / "plat").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if name != "plat.__main__":
            yield path, importlib.import_module(name)


def explained() -> set[str]:
    """The ids of the explanations that stand in any module, rules included."""
    return {value.id for _, module in modules() for value in vars(module).values() if isinstance(value, Explanation)}


@cache
def named() -> dict[str, set[str]]:
    """The ids that are given to findings and problems, each with the modules that give it; `?` for what cannot be told."""
    found: dict[str, set[str]] = {}
    for path, module in modules():
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in _MAKERS:
                for rule in _rules(call, module):
                    found.setdefault(rule, set()).add(module.__name__)
    return found


def _rules(call: ast.Call, module: ModuleType) -> Iterator[str]:
    for value in [keyword.value for keyword in call.keywords if keyword.arg == "rule"]:
        text = ast.unparse(value)
        if isinstance(value, ast.Constant):
            yield str(value.value)
        elif isinstance(value, ast.Name) and isinstance(getattr(module, value.id, None), str):
            yield getattr(module, value.id)
        elif text not in _HANDED_ON and not text.endswith(
            ".id"
        ):  # `.id` is an explanation's, and those are told by `explained`
            yield f"? {text}"
