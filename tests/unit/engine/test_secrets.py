from __future__ import annotations

from typing import Any

from plat.engine.secrets import generated
from plat.pairing import derived

PASSWORD = "random:index/randomPassword:RandomPassword"


def test_generated_secrets_are_read_out_of_a_state_whose_update_did_not_end() -> None:
    encrypted = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"s3cret"'}
    resources: list[dict[str, Any]] = [
        {"type": "pulumi:pulumi:Stack"},
        {"type": PASSWORD, "urn": "urn:pulumi:s::plat::x::landscape/pairing", "outputs": {"result": encrypted, "length": 32}},
        {"type": PASSWORD},
        {"type": "another", "outputs": {"result": encrypted}},
    ]
    found = list(generated({"deployment": {"resources": resources}}, "landscape/pairing", ["route/a/b"]))
    assert found == ["s3cret", derived("s3cret", "route/a/b")]
    assert list(generated({"deployment": {}}, "landscape/pairing", [])) == []
