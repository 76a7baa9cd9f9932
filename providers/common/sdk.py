"""What resources of our plugins have in common for Pulumi programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi


class PlainResource(pulumi.CustomResource):
    """A resource of the provider `package` whose properties have the same names here as on the wire.

    Pulumi can translate names, but it does so inside of maps as well, and would rename variables and labels.
    """

    package: ClassVar[str]

    def __init__(
        self,
        resource_name: str,
        inputs: Mapping[str, pulumi.Input[Any] | None],
        outputs: Sequence[str],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        # An attribute is made for every property that is named here, so outputs are named without a value.
        properties = {**inputs, **dict.fromkeys(outputs)}
        super().__init__(f"{self.package}:index:{type(self).__name__}", resource_name, properties, opts)

    def _output(self, name: str) -> Any:  # noqa: ANN401 - its type is the property's that asks
        return pulumi.get(self, name)
