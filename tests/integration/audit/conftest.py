from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.main_job.checkout import Checkout, clone, remove

Finding = dict[str, Any]


def audit(checkout: Checkout, landscape: str, *words: str, code: int = 1) -> list[Finding]:
    """What an audit finds, which has to end with `code`. No generated secret is in its report."""
    result = checkout.run("plat", "audit", landscape, "--format", "json", *words)
    assert result.returncode == code, result.stdout
    found: list[Finding] = json.loads(result.stdout[result.stdout.index("{") :])["findings"]
    return found


def about(findings: list[Finding]) -> set[tuple[str, str]]:
    """Each as its rule and what it is about."""
    return {(item["rule"], item["subject"]) for item in findings}


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    made = clone(Path(tmp_path_factory.mktemp("clone")) / "audited", 15200, 15399)
    units = made.root / "stacks" / "environments" / "units.yaml"
    text = units.read_text()
    assert "first: 10000" in text
    units.write_text(text.replace("first: 10000", "first: 15400").replace("last: 17999", "last: 15599"))
    shutil.copytree(made.root / "tests" / "landscapes" / "parcels", made.root / "contexts" / "parcels")
    yield made
    remove(made)
