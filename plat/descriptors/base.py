"""What all descriptor models have in common."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A strict, frozen model: no unknown field, no conversion between types, no change after loading.

    Fields can be given by their Python names too when a model is made in code; the loader accepts the YAML keys alone.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


def mapping_or_list(value: object) -> object:
    """Let one mapping stand for a list of one; what is neither is left for the strict check that follows."""
    return (value,) if isinstance(value, dict | Model) else value
