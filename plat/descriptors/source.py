"""Where a descriptor was read, and where in it each field stands."""

from dataclasses import dataclass, field
from typing import Self

from plat.descriptors.files import Found
from plat.descriptors.tree import Node, Path, Refused, Sequence, parse_path, reach
from plat.findings import Location
from plat.seek import Seek, Tree


@dataclass(frozen=True, slots=True)
class Source:
    """A descriptor's file, and what gives its tree; `base` leads to the part of it that is meant.

    Of a file that was read before nobody needs the tree, unless something has to be said of the place of a field.
    """

    file: str
    read: Tree = field(compare=False)
    base: Path = ()

    @classmethod
    def of(cls, found: Found, tree: Node) -> Self:
        """Give the source of a file that holds `tree`."""
        return cls(found.shown, Tree(found.path, found.shown, lambda: tree))

    @property
    def tree(self) -> Node:
        """The whole file's tree."""
        return self.read()

    def at(self, field: str) -> Location:
        """Give the place of a field below this part, or of the nearest parent where the field is not written."""
        return Location(self.file, seek=Seek(self.read, self.base, parse_path(field)))

    def key_at(self, field: str, key: str) -> Location:
        """Give the place of a key below `field`."""
        return Location(self.file, seek=Seek(self.read, self.base, (*parse_path(field), key), to_key=True))

    def below(self, field: str) -> Self:
        """Give the part of the descriptor that `field` leads to."""
        return type(self)(self.file, self.read, (*self.base, *parse_path(field)))

    def path(self, field: str = "") -> str:
        """Give the whole path, from the top of the file, of a field of this part: `upstreams[pricing].uses`."""
        text, node = "", self.tree
        for step in (*self.base, *parse_path(field)):
            text += f"[{step}]" if isinstance(node, Sequence) else f".{step}"
            node = reach(node, (step,)) or Refused(node.position)
        return text.removeprefix(".")
