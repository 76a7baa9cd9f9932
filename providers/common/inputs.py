"""What the inputs of all resources have in common. Names on the wire are in camel case."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Port = Annotated[int, Field(ge=1, le=65535)]


class Inputs(BaseModel):
    """The inputs of a resource: exactly those that its type has, each of exactly its type."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )
