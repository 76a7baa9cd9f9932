"""What the stack's configuration gives the program, judged before anything is registered."""

from __future__ import annotations

from pathlib import Path

import pulumi
from pulumi.runtime import config

from plat.configuration import ConfigurationProblem, require
from plat.plan.model import Plan, SecretRef


def setting(ref: SecretRef) -> str:
    """What the configuration calls a secret that it gives."""
    return ref.replace("/", "-")


def require_configuration(plan: Plan, root: Path) -> None:
    """Raises pulumi.RunError where the stack's configuration has what it may not have, or lacks what `plan` is given."""
    values = config.CONFIG.get()
    secret = {key for key in values if config.is_config_secret(key)}
    try:
        require(pulumi.get_stack(), values, secret, [setting(ref) for ref in plan.given], root)
    except ConfigurationProblem as problem:
        for line in problem.lines[:-1]:
            pulumi.log.error(line)
        raise pulumi.RunError(problem.lines[-1]) from None
