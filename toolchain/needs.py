"""Which parts of the set-up a landscape needs, read from its descriptors as plain text: no library is there yet."""

from __future__ import annotations

import re
from pathlib import Path

from toolchain.errors import NoLandscapeError

_COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)


def needs_rabbitmq(checkout: Path, landscape: str) -> bool:
    """Tell whether the landscape names RabbitMQ; raises `NoLandscapeError` when there is no such landscape."""
    file = checkout / "contexts" / landscape / "landscape.yaml"
    if Path(landscape).name != landscape or not file.is_file():
        known = sorted(each.parent.name for each in checkout.glob("contexts/*/landscape.yaml"))
        raise NoLandscapeError(landscape, known)
    return "rabbitmq" in _COMMENT.sub("", file.read_text(encoding="utf-8"))
