"""A landscape of units that need nothing of each other, each with a store, a secret and a process."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.integration.main_job.checkout import Checkout

NAME = "crowd"
UNITS = ("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen")
EVERYBODY = ("platform", *UNITS)
_LANDSCAPE = """
apiVersion: plat/v1
kind: Landscape
name: crowd
teams:
  - {name: crowd-team}
  - {name: platform-team, type: platform}
platform-team: platform-team
"""
_UNIT = """
apiVersion: plat/v1
kind: Context
name: NAME
team: crowd-team
subdomain: supporting
purpose: Is one of many.
datastore: {type: redis}
deployables:
  - {name: NAME, image: registry.example/NAME:1.0.0, command: [python, -m, samples.generic], port: 8080}
"""


def write(checkout: Checkout) -> None:
    """Puts the landscape into a checkout."""
    folder = checkout.root / "contexts" / NAME
    folder.mkdir()
    (folder / "landscape.yaml").write_text(_LANDSCAPE, encoding="utf-8")
    for unit in UNITS:
        (folder / f"{unit}.yaml").write_text(_UNIT.replace("NAME", unit), encoding="utf-8")


def settle(checkout: Checkout, backend: str, secrets: str = "passphrase") -> None:
    """Says in the environment where states are, and what secrets in them are encrypted with."""
    file = checkout.root / "stacks" / "environments" / "local.yaml"
    text = re.sub(r"^(stacks|backend|secrets-provider): .*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(f"{text}stacks: unit\nbackend: {backend}\nsecrets-provider: {secrets}\n", encoding="utf-8")


def stack(unit: str, landscape: str = NAME) -> str:
    """What a unit's stack is called."""
    return f"{landscape}.{unit}.local"


def states(checkout: Checkout, *words: str, code: int = 0) -> dict[str, str]:
    """How it ended for each share."""
    ran = checkout.run("plat", *words, "--json")
    assert ran.returncode == code, ran.stdout
    found: dict[str, Any] = json.loads(ran.stdout[ran.stdout.index("\n{\n") if not ran.stdout.startswith("{") else 0 :])
    return {share["share"]: share["state"] for share in found["shares"]}


def locks(backend: Path, named: str = "*") -> list[dict[str, Any]]:
    """What the locks in the folder say, which is a backend or what an object store keeps one in."""
    found = (backend / ".pulumi" / "locks" / "organization" / "plat").glob(f"{named}/*.json")
    # One that is being written is no lock yet.
    return [json.loads(text) for path in found if (text := path.read_text(encoding="utf-8"))]


def flat(text: str) -> str:
    """What was printed, however its lines were broken."""
    return " ".join(text.split())
