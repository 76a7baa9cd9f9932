"""What can go wrong in the set-up and be mended by its user: each class builds its own text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class SetupError(Exception):
    """Something that the user can mend; its text is the whole message."""


class MissingToolError(SetupError):
    """A program that the set-up needs is not on this machine."""

    def __init__(self, tool: str, needed_for: str, remedy: str) -> None:
        super().__init__(f"{tool} is missing: {needed_for}. To get it: {remedy}")


class CommandFailedError(SetupError):
    """A command of a step ended with an error."""

    def __init__(self, step: str, command: str, code: int, tail: str, log: Path) -> None:
        shown = "\n".join(f"    {line}" for line in tail.splitlines())
        super().__init__(
            f"{step}: `{command}` ended with exit code {code}; its last lines were\n{shown}\n"
            f"  All of its output is in {log}. Nothing half-made is kept: mend the cause and run the same again."
        )


class EmptyPassphraseError(SetupError):
    """The file that encrypts the secrets of all stacks holds nothing."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is empty: stacks would be encrypted with no passphrase at all. Put the passphrase back from your "
            "backup, or, where no stack exists yet, delete the file and a new one is made"
        )


class LostPassphraseError(SetupError):
    """Stacks exist, but not the passphrase that their secrets are encrypted with."""

    def __init__(self, path: Path, state: Path) -> None:
        super().__init__(
            f"{path} is missing, though {state} holds stacks whose secrets it encrypts: a new one could not read them. "
            f"Put it back from your backup, or give these stacks up by moving {state} away"
        )


class UnusableFolderError(SetupError):
    """A folder that the set-up writes to cannot be used as it is."""

    def __init__(self, path: Path, reason: str, remedy: str) -> None:
        super().__init__(f"{path} cannot be used: {reason}. {remedy}")


class UnexpectedFilesError(SetupError):
    """What was fetched is not what is pinned."""

    def __init__(self, step: str, names: list[str]) -> None:
        super().__init__(
            f"{step}: {', '.join(names)}: not what the checkout's sums say, so none of it is used. Delete these from Maven's "
            "local repository (usually ~/.m2/repository) and run the same again; if it stays so, the mirror serves other files"
        )


class NoLandscapeError(SetupError):
    """The landscape that was asked for has no folder."""

    def __init__(self, name: str, known: list[str]) -> None:
        names = ", ".join(known) or "none yet"
        super().__init__(f"there is no landscape {name!r} below contexts/; there are: {names}")


class WrongSourcesError(SetupError):
    """apt on this machine does not know the packages that images are made of."""

    def __init__(self, suite: str) -> None:
        super().__init__(
            f"apt on this machine has no source of Debian's {suite}, which images are made of. "
            "Add it to /etc/apt/sources.list.d, and run `apt-get update` (as root)"
        )


class SeveralErrors(SetupError):  # noqa: N818 - it is several of them
    """All that is wrong at once, so that one run tells everything to mend."""

    def __init__(self, errors: list[SetupError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


def raise_all(errors: Iterable[SetupError]) -> None:
    """Raise what is wrong, if anything is: one error as it is, several as `SeveralErrors`."""
    if found := list(errors):
        raise found[0] if len(found) == 1 else SeveralErrors(found)
