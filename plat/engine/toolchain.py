"""The environment that Pulumi runs in: what the set-up found or built, and this checkout's own state and passphrase."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plat.home import Home

_COMPRESSING = ("PULUMI_DIY_BACKEND_GZIP", "PULUMI_SELF_MANAGED_STATE_GZIP")
"""Variables by which Pulumi would write states that are compressed; they are read where they are, and looked for plain."""


class ToolchainProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """Pulumi cannot be run as things are. The message is for the user."""


def environment(home: Home, backend: str) -> dict[str, str]:
    """The variables for a run of Pulumi on the backend at that URL.

    Raises ToolchainProblem where the set-up is missing or the passphrase is empty.
    """
    found = dict(os.environ)
    settings = _settings(home.toolchain)
    found["PATH"] = os.pathsep.join([*settings.get("path", []), found.get("PATH", os.defpath)])
    found.update(settings.get("environment", {}))
    found["PULUMI_BACKEND_URL"] = backend
    # Where another checkout has made a stack, its state alone says what its secrets are encrypted with.
    found["PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER"] = "true"
    found["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(_passphrase(home.passphrase))
    for name in ("PULUMI_CONFIG_PASSPHRASE", *_COMPRESSING, *settings.get("unset", [])):
        found.pop(name, None)
    return found


def pulumi(variables: Mapping[str, str]) -> str:
    """The Pulumi CLI on the PATH of `variables`. Raises ToolchainProblem where there is none."""
    program = shutil.which("pulumi", path=variables.get("PATH"))
    if program is None:
        msg = "there is no `pulumi` on PATH and none was built: `make up` does the set-up"
        raise ToolchainProblem(msg)
    return program


def _settings(path: Path) -> Mapping[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read ({error}): `make up` writes it anew"
        raise ToolchainProblem(msg) from None
    return found


def _passphrase(path: Path) -> Path:
    try:
        empty = not path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        msg = f"there is no passphrase in {path}: `make up` makes one; without it no secret in the state can be read"
        raise ToolchainProblem(msg) from None
    if empty:
        msg = f"the passphrase in {path} is empty, and so would be the protection of every secret: put the old one back"
        raise ToolchainProblem(msg)
    return path
