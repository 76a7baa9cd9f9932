from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.generated import write
from bench.objects import body, kubectl_file, literal, manifests, tofu_files, volumes
from bench.project import environment
from components.kubernetes.manifest import Hidden, Manifest

PROVIDER = "registry.example/acme/kubectl"


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Manifest]:
    root = tmp_path_factory.mktemp("project")
    landscape = write(root / "contexts", 10)
    folder = root / "stacks" / "environments"
    folder.mkdir(parents=True)
    (folder / "bench.yaml").write_text(json.dumps(environment(Path("/access"), "landscape")), encoding="utf-8")
    return manifests(root, f"{landscape.name}.bench")


@pytest.mark.parametrize(
    ("text", "written"),
    [("plain $HOME 5 %", "plain $HOME 5 %"), ("${name}", "$${name}"), ("%{if}", "%%{if}"), ("$${name}", "$$${name}")],
)
def test_what_looks_like_a_template_is_escaped(text: str, written: str) -> None:
    assert literal(text) == written


def test_every_secret_is_made_up_in_the_same_way_each_time(objects: Sequence[Manifest]) -> None:
    hidden = [
        each
        for each in objects
        if each.kind == "Secret" and any(isinstance(text, Hidden) for text in each.content["data"].values())
    ]
    assert hidden
    for each in hidden:
        assert body(each) == body(each)
        for text in body(each)["data"].values():
            base64.b64decode(text, validate=True)


def test_kubectl_and_opentofu_are_given_the_same_objects(objects: Sequence[Manifest]) -> None:
    items = json.loads(kubectl_file(objects))["items"]
    resources = json.loads(tofu_files(objects, PROVIDER, Path("/access"))["objects.tf.json"])["resource"]["kubectl_manifest"]
    unescaped = [each["yaml_body"].replace("$${", "${").replace("%%{", "%{") for each in resources.values()]
    assert [json.loads(text) for text in unescaped] == items
    assert len(items) == len(objects)


def test_a_resource_waits_for_what_its_object_waits_for(objects: Sequence[Manifest]) -> None:
    resources = json.loads(tofu_files(objects, PROVIDER, Path("/access"))["objects.tf.json"])["resource"]["kubectl_manifest"]
    seen: set[str] = set()
    for each, (name, resource) in zip(objects, resources.items(), strict=True):
        assert len(resource["depends_on"]) == len(each.after)
        assert set(resource["depends_on"]) <= seen
        seen.add(f"kubectl_manifest.{name}")


def test_the_root_module_names_provider_and_access() -> None:
    module = json.loads(tofu_files([], PROVIDER, Path("/access"))["main.tf.json"])
    assert module["terraform"]["required_providers"]["kubectl"] == {"source": PROVIDER}
    assert module["provider"]["kubectl"] == {"config_path": "/access", "load_config_file": True}


def test_volumes_are_counted_by_claims_and_by_replicas_of_templates() -> None:
    claim = {"kind": "PersistentVolumeClaim", "spec": {}}
    templates = {"kind": "StatefulSet", "spec": {"replicas": 3, "volumeClaimTemplates": [{}, {}]}}
    plain = {"kind": "StatefulSet", "spec": {}}
    assert volumes([claim, templates, plain, {"kind": "Service", "spec": {}}]) == 7
