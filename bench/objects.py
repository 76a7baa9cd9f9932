"""The objects of a landscape as other tools take them: the very ones that Plat makes of its plan, with made-up secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from components.kubernetes.manifest import Hidden, Manifest, revealed
from components.kubernetes.objects import objects_of
from plat.project import Project

_TEMPLATE = re.compile(r"([$%])\{")
_RESOURCE = "kubectl_manifest"


def manifests(root: Path, stack: str) -> Sequence[Manifest]:
    """Give every object of a stack of the project in `root`, each after those that it waits for."""
    return objects_of(Project(root).plan(stack))


def body(manifest: Manifest) -> dict[str, Any]:
    """Give an object as the API server takes it, its secrets made up of their names."""
    found: dict[str, Any] = revealed(manifest.body, _reveal)
    return found


def kubectl_file(objects: Iterable[Manifest]) -> str:
    """Give the file for `kubectl apply`."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [body(each) for each in objects]})


def tofu_files(objects: Iterable[Manifest], provider: str, kubeconfig: Path) -> Mapping[str, str]:
    """Give the root module for OpenTofu by the names of its files: a resource per object, after those that it waits for.

    What Plat calls a resource is not always a name in HCL, and numbers would move when an object is added.
    """
    module = {
        "terraform": {"required_providers": {"kubectl": {"source": provider}}},
        "provider": {"kubectl": {"config_path": f"{kubeconfig}", "load_config_file": True}},
    }
    resources = {
        _address(each): {
            "yaml_body": literal(json.dumps(body(each))),
            "server_side_apply": True,
            "depends_on": [f"{_RESOURCE}.{_address(other)}" for other in each.after],
        }
        for each in objects
    }
    return {"main.tf.json": json.dumps(module), "objects.tf.json": json.dumps({"resource": {_RESOURCE: resources}})}


def literal(text: str) -> str:
    """Give a text that OpenTofu reads as it is: `${` and `%{` begin a template."""
    return _TEMPLATE.sub(r"\1\1{", text)


def volumes(objects: Iterable[Mapping[str, Any]]) -> int:
    """Count the volumes that objects claim."""
    return sum(_claims(each) for each in objects)


def _claims(item: Mapping[str, Any]) -> int:
    if item["kind"] == "StatefulSet":
        return int(item["spec"].get("replicas", 1)) * len(item["spec"].get("volumeClaimTemplates", ()))
    return int(item["kind"] == "PersistentVolumeClaim")


def _address(manifest: Manifest) -> str:
    return re.sub(r"[^\w-]", "_", f"{manifest.kind}_{manifest.resource}".lower())


def _reveal(hidden: Hidden) -> str:
    return hidden.render({ref: f"made-up-{ref}" for ref in hidden.refs})
