"""Whose a sandbox is: one checkout's, which is named in a file that a reboot forgets."""

from __future__ import annotations

from pathlib import Path

from toolchain.sandbox.errors import OwnedElsewhereError
from toolchain.sandbox.kind import Kind
from toolchain.site import write_whole


def owner_in(file: Path) -> Path | None:
    """Give the checkout that it was made for; None where there is none."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return Path(text) if text else None


def claim(file: Path, checkout: Path, kind: Kind, *, running: bool) -> bool:
    """Make the sandbox this checkout's, and tell whether it was already.

    Raises `OwnedElsewhereError` when it is another's and runs. One that does not run is nobody's.
    """
    owner = owner_in(file)
    if owner == checkout:
        return True
    if owner is not None and running:
        raise OwnedElsewhereError(owner, kind)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    write_whole(file, f"{checkout}\n")
    return False
