"""A stack's configuration is judged before anything is made, and its schema judges the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from plat.configuration import ConfigurationProblem, require
from plat.configuration.schema import FILE, schema_text

STACK = "shop.pricing.prod"
ACCESS, SECRET = "plat:backups-access-key", "plat:backups-secret-key"
SHIPPED = Path(__file__).parents[2] / "schemas" / FILE


def said(root: Path, values: dict[str, str], secret: list[str] | None = None, needed: tuple[str, ...] = ()) -> list[str]:
    (root / "stacks").mkdir()
    text = yaml.safe_dump({"encryptionsalt": "v1:x", "config": values})
    (root / "stacks" / f"Pulumi.{STACK}.yaml").write_text(text, encoding="utf-8")
    try:
        require(STACK, values, values if secret is None else secret, needed, root)
    except ConfigurationProblem as problem:
        return list(problem.lines)
    return []


def test_settings_that_are_encrypted_and_those_of_others_pass(tmp_path: Path) -> None:
    values = {ACCESS: "a", SECRET: "b", "pulumi:disable-default-providers": "[]", "kubernetes:context": "shop"}
    assert said(tmp_path, values, [ACCESS, SECRET], ("backups-access-key", "backups-secret-key")) == []


def test_a_setting_that_there_is_not_is_named_with_its_place_and_the_nearest(tmp_path: Path) -> None:
    (line,) = said(tmp_path, {"plat:backup-acces-key": "a"})
    wrong = f"stacks/Pulumi.{STACK}.yaml:2: `plat:backup-acces-key` is no setting of a stack"
    assert line.startswith(f"{wrong}: did you mean `backups-access-key`?")
    assert f"`pulumi config rm backup-acces-key -s {STACK}` takes it out" in line


def test_where_nothing_is_near_all_settings_are_named(tmp_path: Path) -> None:
    (line,) = said(tmp_path, {"plat:x": "a"})
    assert "there are: backups-access-key, backups-secret-key" in line


def test_a_secret_in_plain_text_is_refused_and_not_shown(tmp_path: Path) -> None:
    (line,) = said(tmp_path, {SECRET: "canary"}, [])
    assert line.startswith(f"stacks/Pulumi.{STACK}.yaml:2: `{SECRET}` is a secret and stands there in plain text")
    assert f"`pulumi config set --secret backups-secret-key -s {STACK}` asks for it" in line
    assert "canary" not in line


def test_what_is_needed_and_not_there_is_asked_for(tmp_path: Path) -> None:
    (line,) = said(tmp_path, {ACCESS: "a"}, needed=("backups-access-key", "backups-secret-key"))
    assert f"which {STACK} does not have: `pulumi config set --secret backups-secret-key -s {STACK}` asks for each" in line
    assert "set --secret backups-access-key" not in line


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    assert len(said(tmp_path, {"plat:x": "a", SECRET: "b"}, [], ("backups-access-key",))) == 3


def test_the_shipped_schema_is_that_of_the_settings() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == schema_text(), f"write it anew: plat schema --stack > schemas/{FILE}"


@pytest.mark.parametrize(
    ("config", "fits"),
    [
        ({ACCESS: {"secure": "v1:x"}}, True),
        ({"kubernetes:context": "shop", "pulumi:tags": {"a": "b"}}, True),
        ({}, True),
        ({ACCESS: "in plain text"}, False),
        ({"plat:backup-access-key": {"secure": "v1:x"}}, False),
    ],
)
def test_the_schema_judges_the_file_alike(config: dict[str, Any], *, fits: bool) -> None:
    schema = json.loads(schema_text())
    Draft202012Validator.check_schema(schema)
    found = {"encryptionsalt": "v1:x", "config": config}
    assert Draft202012Validator(schema).is_valid(found) is fits
