"""What a stack's name says: `<landscape>.<environment>`, or for a share of a landscape `<landscape>.<share>.<environment>`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class StackNameProblem(ValueError):  # noqa: N818 - named for what the user has, not for Python
    """A name that no stack of Plat's has. The message is for the user."""


@dataclass(frozen=True, slots=True, order=True)
class StackName:
    """The parts of a stack's name; `share` is empty where the stack holds the whole landscape."""

    landscape: str
    environment: str
    share: str = ""

    @classmethod
    def parse(cls, text: str) -> StackName:
        """The parts of `text`. Raises StackNameProblem."""
        match text.split("."):
            case [landscape, environment] if landscape and environment:
                return cls(landscape, environment)
            case [landscape, share, environment] if landscape and share and environment:
                return cls(landscape, environment, share)
        msg = (
            f"stack `{text}` is named neither <landscape>.<environment>, as in `order-processing.local`, nor "
            "<landscape>.<unit>.<environment>, as in `order-processing.notification.local`"
        )
        raise StackNameProblem(msg)

    @property
    def whole(self) -> StackName:
        """The name of the stack that would hold the whole landscape; its servers are kept by this name in either shape."""
        return StackName(self.landscape, self.environment)

    def of(self, share: str) -> StackName:
        """The name of another share's stack, beside this one."""
        return StackName(self.landscape, self.environment, share)

    def __str__(self) -> str:
        return ".".join(filter(None, (self.landscape, self.share, self.environment)))


def beside(stacks: Iterable[str], of: StackName) -> tuple[StackName, ...]:
    """Those of `stacks` that are of the landscape and the environment of `of`, in order, whatever share they are for."""
    found = (_parsed(stack) for stack in stacks)
    return tuple(sorted(name for name in found if name and name.whole == of.whole))


def _parsed(text: str) -> StackName | None:
    try:
        return StackName.parse(text)
    except StackNameProblem:
        return None
