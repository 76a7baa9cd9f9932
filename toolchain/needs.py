"""What a landscape names, read from its descriptors as plain text: no library is there yet to understand them."""

from __future__ import annotations

import re
from pathlib import Path

from toolchain.errors import NoLandscapeError

# A `#` behind a quote may stand inside of the quotes, and a word that is read in vain costs less than one overlooked.
_COMMENT = re.compile(r"^([^\"'\n]*?)(?:(?<=\s)|^)#.*$", re.MULTILINE)
_WORD = re.compile(r"[a-z][a-z0-9-]*")


def words_of(checkout: Path, landscape: str) -> frozenset[str]:
    """Give every word of the landscape's descriptors, so that who looks for a kind of server finds it if it is named.

    Raises `NoLandscapeError` when there is no such landscape.
    """
    folder = checkout / "contexts" / landscape
    if Path(landscape).name != landscape or not (folder / "landscape.yaml").is_file():
        known = sorted(each.parent.name for each in checkout.glob("contexts/*/landscape.yaml"))
        raise NoLandscapeError(landscape, known)
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in folder.rglob("*.yaml") if file.is_file()]
    return frozenset(word for text in texts for word in _WORD.findall(_COMMENT.sub(r"\1", text)))
