"""A narrow way into the folder of states, for updates: by it Pulumi finds its stack's files and goes through no others.

Whenever Pulumi writes a state it looks for a compressed one by listing what begins with the stack's name, and twice for each
resource. Of a folder that list is made of all names in it, so that every stack there costs every update of every other
(`stackPath` in github.com/pulumi/pulumi/pkg/v3/backend/diy; `ListPaged` in gocloud.dev/blob/fileblob, which does not follow a
link that it begins at). Through a link it finds none, and reads and writes the plain file, which is the very same.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from plat.engine.backend.model import PROJECT

_INSIDE = Path(".pulumi")
_META = "meta.yaml"
_FOLDERS = ("backups", "history", "locks", f"stacks/{PROJECT}")


def narrow(states: Path, way: Path) -> Path:
    """The folder `way`, made so that it leads to the folder of states `states` beside it. Raises OSError."""
    for name in _FOLDERS:
        (states / _INSIDE / name).mkdir(parents=True, exist_ok=True)
    for name in (_META, *_FOLDERS):
        link = way / _INSIDE / name
        link.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            link.symlink_to(os.path.relpath(states / _INSIDE / name, link.parent))
    return way
