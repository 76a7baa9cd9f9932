"""What an environment is: everything that differs between a developer's machine and production, and no descriptor says.

Environments are typed files in `stacks/environments/<name>.yaml`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

ENVIRONMENTS = Path("stacks") / "environments"

Port = Annotated[int, Field(ge=1024, le=65535)]


class EnvironmentProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """An environment that does not exist or cannot be used. The message is for the user."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Targets(_Model):
    """Which target stands for each runtime that a descriptor may ask for."""

    kubernetes: Literal["local"] = Field(description="What stands for `runtime: {target: kubernetes}`.")
    vm: Literal["local"] = Field(description="What stands for `runtime: {target: vm}`.")


class Ports(_Model):
    """The loopback ports that the local target may use, both ends included, and those set by hand."""

    first: Port = Field(default=20000, description="Lowest port that may be derived.")
    last: Port = Field(default=29999, description="Highest port that may be derived.")
    fixed: dict[str, Port] = Field(
        default_factory=dict,
        description="Ports set by hand, by the name of the listener as `plat status` prints it.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Ports:
        if self.last < self.first:
            msg = f"ports: last ({self.last}) is below first ({self.first})"
            raise ValueError(msg)
        return self


class Environment(_Model):
    """One environment. `name` is the last part of every stack name in it."""

    apiVersion: Literal["plat/v1"]  # noqa: N815 - the key of the file format
    kind: Literal["Environment"]
    name: str = Field(pattern=r"^[a-z][-a-z0-9]{0,30}$")
    targets: Targets
    ports: Ports = Ports()


def load_environment(name: str, root: Path) -> Environment:
    """The environment called `name` of the project in `root`.

    Raises EnvironmentProblem with file and reason where it is missing, unreadable or wrong.
    """
    folder = root / ENVIRONMENTS
    path = folder / f"{name}.yaml"
    shown = ENVIRONMENTS / path.name
    known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml"))) or "none"
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        environment = Environment.model_validate(document)
    except FileNotFoundError:
        msg = f"there is no environment `{name}`: {shown} does not exist (there are: {known})"
        raise EnvironmentProblem(msg) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"{shown}: cannot be read: {error}"
        raise EnvironmentProblem(msg) from None
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']}" for item in error.errors(include_input=False)
        )
        msg = f"{shown}: {problems}"
        raise EnvironmentProblem(msg) from None
    if environment.name != name:
        msg = f"{shown}: name is `{environment.name}`, but the file is called {path.name}"
        raise EnvironmentProblem(msg)
    return environment
