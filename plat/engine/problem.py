"""What is raised where Pulumi, or what it keeps, cannot do what was asked."""

from __future__ import annotations


class EngineProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """Pulumi could not do what was asked. The message is for the user."""


class BackendProblem(EngineProblem):
    """The states of an environment cannot be read where they are kept. The message is for the user."""
