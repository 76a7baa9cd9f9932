from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from components.kubernetes.manifest import Hidden, digest, secret
from components.vm.declared import KeyFile, Woven
from plat.machines.ssh import lent_at, options
from plat.plan.model import SecretRef
from policies.texts import PRIVATE_KEY, PUBLIC_KEY, Shape, is_woven, secrets_in, texts_of
from providers.local import password_hashes
from providers.machine.keys import new_private_key, public_key_of

ONE, OTHER = SecretRef("datastore/one"), SecretRef("datastore/other")
VALUES = {ONE: "A" * 32, OTHER: "b2" * 16}


def url(values: Mapping[SecretRef, str]) -> str:
    return f"postgresql://one:{values[ONE]}@10.0.0.1:5432/one"


def test_the_secret_in_a_text_is_found_where_it_stands() -> None:
    assert secrets_in(secret(ONE), VALUES[ONE]) == {ONE: VALUES[ONE]}
    assert secrets_in(Hidden((ONE,), url), url(VALUES)) == {ONE: VALUES[ONE]}


def test_several_secrets_are_told_apart() -> None:
    hidden = Hidden((ONE, OTHER), lambda values: json.dumps({"first": values[OTHER], "second": [values[ONE], values[OTHER]]}))
    assert secrets_in(hidden, hidden.render(VALUES)) == VALUES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anything",
        url(VALUES).replace("10.0.0.1", "10.9.9.9"),
        url(VALUES) + "?x=y",
        url({ONE: "a:b@evil"}),
        url({ONE: ""}),
    ],
)
def test_another_text_is_not_made_of_it(text: str) -> None:
    assert secrets_in(Hidden((ONE,), url), text) is None


def test_one_secret_is_the_same_wherever_it_stands() -> None:
    twice = Hidden((ONE,), lambda values: f"{values[ONE]} {values[ONE]}")
    assert secrets_in(twice, "same same") == {ONE: "same"}
    assert secrets_in(twice, "one other") is None


def test_a_digest_of_secrets_is_one_and_tells_none() -> None:
    assert secrets_in(digest([ONE, OTHER]), digest([ONE, OTHER]).render(VALUES)) == {}
    assert secrets_in(digest([ONE]), "somebody else's text") is None


@pytest.mark.parametrize(
    "hashed",
    [
        lambda values: f"ALTER ROLE a PASSWORD '{password_hashes.scram(values[ONE], values[ONE].encode().ljust(16)[:16])}';\n",
        lambda values: f"IDENTIFIED BY PASSWORD '{password_hashes.mysql(values[ONE])}'",
    ],
    ids=["scram", "mysql"],
)
def test_so_is_what_a_server_keeps_of_one(hashed: object) -> None:
    assert callable(hashed)
    hidden = Hidden((ONE,), hashed)
    assert secrets_in(hidden, hidden.render(VALUES)) == {}
    assert secrets_in(hidden, hidden.render(VALUES).replace("PASSWORD", "NOTHING")) is None


KEY = KeyFile("key", public=True)
OPTIONS = Woven((KEY, KEY), lambda keys: json.dumps(options(keys[1], lent_at(keys[0]))))


def test_what_others_give_is_taken_in_its_shape() -> None:
    entry, host = (public_key_of(new_private_key()) for _ in range(2))
    made = OPTIONS.render([f"{entry} mine", host])

    assert is_woven(OPTIONS, made, [PUBLIC_KEY, PUBLIC_KEY])
    assert not is_woven(
        OPTIONS, made.replace("StrictHostKeyChecking=yes", "StrictHostKeyChecking=no"), [PUBLIC_KEY, PUBLIC_KEY]
    )
    assert not is_woven(OPTIONS, made.replace(".plat/agents", "/tmp/agents"), [PUBLIC_KEY, PUBLIC_KEY])  # noqa: S108


def test_a_document_is_compared_as_what_it_says() -> None:
    document = Woven((KEY,), lambda keys: "#cloud-config\n" + json.dumps({"user": "plat", "key": keys[0]}))
    key = new_private_key()

    assert is_woven(document, document.render([key]), [PRIVATE_KEY])
    assert is_woven(document, "#cloud-config\nuser: plat\nkey: |\n  " + key.replace("\n", "\n  "), [PRIVATE_KEY])
    assert not is_woven(document, document.render([key]).replace("plat", "root"), [PRIVATE_KEY])
    assert not is_woven(document, document.render(["something else"]), [PRIVATE_KEY])
    assert not is_woven(document, "#cloud-config\n{", [PRIVATE_KEY])
    assert not is_woven(document, "{}", [PRIVATE_KEY])


def test_a_shape_bounds_what_stands_there() -> None:
    inside = Woven((KEY,), lambda found: f"{found[0]}/passwd")
    shape = [Shape(r"/[^\n]*/volumes/own/_data")]

    assert is_woven(inside, "/var/lib/docker/volumes/own/_data/passwd", shape)
    assert not is_woven(inside, "/etc/passwd", shape)


def test_every_text_is_found_by_its_field() -> None:
    found = dict(texts_of({"a": "x", "b": [{"c": "y"}, 1, "z"], "d": {"e.f": "w"}, "g": None}))
    assert found == {"a": "x", "b[0].c": "y", "b[2]": "z", "d.e.f": "w"}
