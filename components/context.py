"""The component that everything of one bounded context is below, on every target."""

from __future__ import annotations

import pulumi

from components.options import child


class BoundedContext(pulumi.ComponentResource):
    """What belongs to one context; everything of it is below this component."""

    def __init__(self, name: str, parent: pulumi.Resource) -> None:
        super().__init__("plat:index:BoundedContext", name, None, child(parent))
        self.ready: list[pulumi.Resource] = []
        self.register_outputs({})
