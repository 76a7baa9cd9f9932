from __future__ import annotations

import tomllib
from pathlib import Path

import plat

ROOT = Path(__file__).resolve().parents[3]


def test_the_version_that_reports_name_is_the_projects() -> None:
    assert plat.__version__ == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
