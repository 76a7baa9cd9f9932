"""Where a descriptor was read, and where in it each field stands."""

from dataclasses import dataclass, replace
from typing import Self

from plat.descriptors.tree import Node, Path, Refused, Sequence, key_position, locate, parse_path, reach
from plat.findings import Location


@dataclass(frozen=True, slots=True)
class Source:
    """A descriptor's file and its tree; `base` leads to the part of it that is meant."""

    file: str
    tree: Node
    base: Path = ()

    def at(self, field: str) -> Location:
        """Give the place of a field below this part, or of the nearest parent where the field is not written."""
        return Location(self.file, *locate(self.tree, (*self.base, *parse_path(field))))

    def key_at(self, field: str, key: str) -> Location:
        """Give the place of a key below `field`."""
        return Location(self.file, *key_position(self.tree, (*self.base, *parse_path(field), key)))

    def below(self, field: str) -> Self:
        """Give the part of the descriptor that `field` leads to."""
        return replace(self, base=(*self.base, *parse_path(field)))

    def path(self, field: str = "") -> str:
        """Give the whole path, from the top of the file, of a field of this part: `upstreams[pricing].uses`."""
        text, node = "", self.tree
        for step in (*self.base, *parse_path(field)):
            text += f"[{step}]" if isinstance(node, Sequence) else f".{step}"
            node = reach(node, (step,)) or Refused(node.position)
        return text.removeprefix(".")
