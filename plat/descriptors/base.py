"""What all descriptor models have in common."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A strict, frozen model: no unknown field, no conversion between types, no change after loading.

    Fields can be given by their Python names too when a model is made in code; the loader accepts the YAML keys alone.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


def mapping_or_list(value: object) -> object:
    """Let one mapping stand for a list of one; what is no mapping is left for the strict check that follows."""
    return value if isinstance(value, tuple) else (value,)


@dataclass(frozen=True, slots=True)
class Unique:
    """Marks a list whose entries differ: in their field `key`, or as a whole without one; `noun` is what one entry is.

    The loader checks it on what is written, so that repetitions are found beside errors within the entries.
    """

    noun: str
    key: str = ""
