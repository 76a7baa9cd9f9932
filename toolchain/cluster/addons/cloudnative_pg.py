"""CloudNativePG: PostgreSQL with replicas, and a new primary when one is lost."""

from __future__ import annotations

from toolchain.cluster.addons.addon import AddOn, Given, Object, run_by
from toolchain.cluster.programs import Source

_MODULE = "github.com/cloudnative-pg/cloudnative-pg"
_VERSION = "1.27.0"
_IMAGE = "OPERATOR_IMAGE_NAME"


def _objects(given: Given) -> list[Object]:
    found = given.copies()
    for item in found:
        if item["kind"] == "Deployment":
            run_by(item, given.image)
            (container,) = item["spec"]["template"]["spec"]["containers"]
            # Every pod of PostgreSQL gets the manager out of the operator's own image.
            for variable in container["env"]:
                if variable["name"] == _IMAGE:
                    variable["value"] = given.image
    return found


CLOUDNATIVE_PG = AddOn(
    Source("cloudnative-pg", (f"{_MODULE}/cmd/manager",), _MODULE),
    (f"releases/cnpg-{_VERSION}.yaml",),
    _objects,
    # By the second name it finds out for which kinds of processors it is there.
    files={"manager": "manager", "operator/manager_amd64": "manager"},
)
