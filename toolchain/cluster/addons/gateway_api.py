"""The definitions of the Gateway API: routes can be made and are judged. No gateway that would serve them."""

from __future__ import annotations

from toolchain.cluster.addons.addon import AddOn, Given, Object
from toolchain.cluster.programs import Source


def _objects(given: Given) -> list[Object]:
    return given.copies()


GATEWAY_API = AddOn(Source("gateway-api", (), "sigs.k8s.io/gateway-api"), ("config/crd/standard",), _objects)
