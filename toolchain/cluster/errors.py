"""What can go wrong with the cluster and be mended by its user."""

from __future__ import annotations

from toolchain.errors import SetupError


class NotRunningError(SetupError):
    """Something was asked of a cluster that does not run."""

    def __init__(self, doing: str) -> None:
        super().__init__(f"{doing}: no cluster runs. Run `make cluster` first")


class UnusableNameError(SetupError):
    """A name cannot be that of an image."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name!r} cannot be a name of the base image: {reason}")


class ApiError(Exception):
    """The API server refused a request, or could not be reached; the code is 0 then."""

    def __init__(self, code: int, request: str, answer: str) -> None:
        super().__init__(f"{request}: {code or 'no answer'}: {answer}")
        self.code = code
