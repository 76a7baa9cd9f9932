"""Variables that refer to one another, in the way Kubernetes composes dependent environment variables.

`$(NAME)` stands for another variable's value, `$$` for a dollar sign, so `$$(NAME)` is the text `$(NAME)`
(https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/). Two things are
stricter: a reference to nothing is an error, where Kubernetes leaves it standing, and the order of entries is of no
account, where Kubernetes sees only earlier ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from providers.local.errors import Unusable

_TOKEN = re.compile(r"\$(?:(?P<dollar>\$)|\((?P<name>[^)]*)\))")


def resolve_environment(environment: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    """Return all variables with their references resolved, by name.

    Values in `secrets` are taken literally, as Kubernetes takes values from a Secret. Raises Unusable for a name in
    both, a reference to nothing, and one that leads back to itself.
    """
    both = sorted(environment.keys() & secrets.keys())
    if both:
        msg = f"variable {both[0]} is declared twice: among the literal ones and among the secret ones"
        raise Unusable(msg)
    resolved = dict(secrets)
    for name in sorted(environment):
        _resolve(name, environment, resolved, ())
    return dict(sorted(resolved.items()))


def _resolve(name: str, environment: Mapping[str, str], resolved: dict[str, str], path: tuple[str, ...]) -> str:
    if name in resolved:
        return resolved[name]
    if name in path:
        msg = f"variable {name} refers to itself: {' -> '.join((*path, name))}"
        raise Unusable(msg)
    if name not in environment:
        msg = f"variable {path[-1]} refers to $({name}), which there is not (write $$({name}) for the text itself)"
        raise Unusable(msg)

    def value(token: re.Match[str]) -> str:
        return "$" if token["dollar"] else _resolve(token["name"], environment, resolved, (*path, name))

    resolved[name] = _TOKEN.sub(value, environment[name])
    return resolved[name]
