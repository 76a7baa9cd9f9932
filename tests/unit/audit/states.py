"""States as `pulumi stack export` prints them, made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plat.stacks import StackName

SIGNATURE = "4dabf18193072939515e22adb298388d"


def secret(value: object) -> dict[str, str]:
    """A secret that was exported in plain text."""
    return {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(value)}


class State:
    """The state of one stack, with a resource after the other."""

    def __init__(self, stack: str) -> None:
        self.stack = StackName.parse(stack)
        self._resources: list[dict[str, Any]] = []
        self._root = self.add("pulumi:pulumi:Stack", f"plat-{stack}")

    def add(self, kind: str, name: str, parent: str = "", **more: Any) -> str:  # noqa: ANN401 - any part of a resource
        """Adds a resource and returns its URN."""
        above = parent.split("::")[2] if parent else ""
        chain = f"{above}${kind}" if above and not above.startswith("pulumi:") else kind
        urn = f"urn:pulumi:{self.stack}::plat::{chain}::{name}"
        self._resources.append({"urn": urn, "type": kind, "custom": ":index/" in kind, "parent": parent, **more})
        return urn

    def context(self, name: str) -> str:
        """Adds the component of a context."""
        return self.add("plat:index:BoundedContext", name, self._root)

    def rabbitmq(self, port: int) -> str:
        """Adds the way into a broker, and returns how resources name it."""
        inputs = {"endpoint": f"http://127.0.0.1:{port}", "password": secret("hidden-password")}
        return f"{self.add('pulumi:providers:rabbitmq', 'broker', self._root, inputs=inputs)}::an-id"

    def queue(self, name: str, provider: str, parent: str, **more: Any) -> str:  # noqa: ANN401 - as above
        """Adds a queue of the landscape `market`."""
        inputs = {"name": name, "vhost": "market", "settings": {"durable": True, "autoDelete": False}}
        return self.add("rabbitmq:index/queue:Queue", name, parent, provider=provider, inputs=inputs, **more)

    @property
    def exported(self) -> Mapping[str, Any]:
        """What Pulumi would print."""
        return {"version": 3, "deployment": {"resources": self._resources}}
