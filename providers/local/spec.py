"""What the launcher is told about one program: a file that only the service user can read."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from providers.local import files
from providers.local.accounts import Account


@dataclass(frozen=True, slots=True)
class Spec:
    """One program that supervisord keeps running.

    `command` and `environment` are whole and final; `workdir` is relative to the checkout, or absolute. `order` says what
    starts before what (lower first) and stops after it; programs of one `owner` (a resource's name) belong together.
    With `stop_as_group` whatever the program has started gets the signal too, and nothing of it outlives the program.
    """

    name: str
    owner: str
    kind: str
    order: int
    command: tuple[str, ...]
    environment: Mapping[str, str]
    workdir: str = "."
    host: str = "127.0.0.1"
    port: int | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 20
    stop_as_group: bool = False
    resource_id: str = ""
    urn: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def running_part(self) -> tuple[Any, ...]:
        """All that a running process would have to be restarted for."""
        return self.command, dict(self.environment), self.workdir

    def save(self, folder: Path, account: Account) -> None:
        """Write the spec to `folder`, readable by the service user alone."""
        files.write(folder / f"{self.name}.json", json.dumps(dataclasses.asdict(self), indent=1), account)


def load(folder: Path, name: str) -> Spec | None:
    """Return the spec of the program `name` in `folder`; None where there is none that can be read."""
    text = files.read(folder / f"{name}.json")
    if text is None:
        return None
    try:
        content = json.loads(text)
        return Spec(**{**content, "command": tuple(content["command"])})
    except (ValueError, TypeError, KeyError):
        return None


def load_all(folder: Path) -> tuple[Spec, ...]:
    """Return all specs in `folder`, in the order in which they start."""
    names = sorted(path.stem for path in folder.glob("[!.]*.json"))
    specs = [spec for name in names if (spec := load(folder, name))]
    return tuple(sorted(specs, key=lambda spec: (spec.order, spec.name)))
