"""What an environment may say of where its states are and what encrypts their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from plat.backends import is_same
from plat.environment import Environment, EnvironmentProblem, load_environment
from plat.project import Project, Unreadable

TEXT = """\
apiVersion: plat/v1
kind: Environment
name: shop
targets: {kubernetes: local, vm: local}
"""
SECRET = "wJalrXUtnFEMI"


def loaded(root: Path, line: str) -> Environment:
    folder = root / "stacks" / "environments"
    folder.mkdir(parents=True)
    (folder / "shop.yaml").write_text(TEXT + line + "\n", encoding="utf-8")
    return load_environment("shop", root)


@pytest.mark.parametrize(
    "url",
    [
        "file:///var/lib/states",
        "file://~/states",
        "file://./states?no_tmp_dir=true",
        "file://./states?metadata=",
        "s3://bucket",
        "s3://bucket/some/prefix?region=eu-central-1&endpoint=https://s3.example:9000&s3ForcePathStyle=true&profile=ops",
        "gs://bucket/prefix",
        "azblob://container?storage_account=account",
    ],
)
def test_a_backend_is_named_as_pulumi_names_it(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, f"backend: {url}").backend == url


@pytest.mark.parametrize(
    "url",
    [
        "passphrase",
        "awskms://alias/plat?region=eu-central-1&context_app=plat",
        "awskms:///arn:aws:kms:eu-central-1:111122223333:key/1234abcd?region=eu-central-1",
        "azurekeyvault://plat.vault.azure.net/keys/states",
        "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k",
        "hashivault://states?engine=transit",
    ],
)
def test_a_secrets_provider_is_named_as_pulumi_names_it(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, f"secrets-provider: {url}").secrets_provider == url


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("file://./states", "file:///project/states?no_tmp_dir=true", True),
        ("file://./states", "file:///states", False),
        ("s3://b/p?region=x&awssdk=v2", "s3://b/p/?awssdk=v2&region=x", True),
        ("s3://b/p?region=x", "s3://b/q?region=x", False),
        ("s3://b/p?endpoint=http://a", "s3://b/p?endpoint=http://b", False),
        ("s3://b/p", "gs://b/p", False),
    ],
)
def test_two_urls_may_mean_the_same_backend(first: str, second: str, *, same: bool) -> None:
    assert is_same(first, second, Path("/project")) is same


def test_pulumi_on_another_backend_than_the_environments_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(tmp_path, "backend: s3://b/p?region=x")
    project = Project(tmp_path)
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://b/p?region=x")
    project.require_backend("any.shop")
    monkeypatch.delenv("PULUMI_BACKEND_URL")
    project.require_backend("any.shop")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///elsewhere")
    with pytest.raises(Unreadable, match="the states of shop are in s3://b/p"):
        project.require_backend("any.shop")


def test_without_a_word_it_is_this_checkouts_own_folder_and_passphrase(tmp_path: Path) -> None:
    found = loaded(tmp_path, "")
    assert (found.backend, found.secrets_provider) == (None, "passphrase")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("backend: azblobs://x", "begins with none of `azblob://`, `file://`, `gs://`, `s3://`: did you mean `azblob`?"),
        ("backend: https://api.pulumi.com", "begins with none of"),
        ("backend: /var/lib/states", "begins with none of"),
        ("backend: s3://", "names nothing behind `s3://`"),
        ("backend: s3://buc ket", "is no URL that can be read"),
        ("backend: s3://bucket?regoin=x", "has a parameter `regoin`, which `s3://` does not: did you mean `region`?"),
        (f"backend: s3://AKIA:{SECRET}@bucket", "holds a credential: take it out, and have a new one made"),
        (f"backend: s3://bucket?endpoint=https://a:{SECRET}@s3.example", "holds a credential"),
        (f"backend: s3://bucket?secret={SECRET}", "has a parameter `secret`, which `s3://` does not"),
        (f"backend: azblob://container?sig={SECRET}", "has a parameter `sig`, which `azblob://` does not"),
        (f"backend: s3://bucket?{SECRET}", "is no URL that can be read"),
        (f"backend: {SECRET}", "begins with none of"),
        ("secrets-provider: awskm://alias/x", "begins with none of `passphrase`, `awskms://`"),
        ("secrets-provider: awskm://alias/x", "did you mean `awskms`?"),
        (f"secrets-provider: hashivault://key?token={SECRET}", "has a parameter `token`, which `hashivault://` does not"),
        (f"secrets-provider: hashivault://root:{SECRET}@key", "holds a credential"),
    ],
)
def test_anything_else_is_refused_with_its_line_and_without_what_may_be_a_secret(
    tmp_path: Path, line: str, reason: str
) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        loaded(tmp_path, line)
    told = str(caught.value)
    assert told.startswith(f"stacks/environments/shop.yaml:5: {line.partition(':')[0]}: ")
    assert reason in told
    assert SECRET not in told
