from __future__ import annotations

import pytest

from plat.engine.messages import explain

PROTECTED = (
    'error: resource "urn:pulumi:shop.local::plat::platlocal:index:Server::sales--redis" cannot be deleted\n'
    "    because it is protected. To unprotect the resource, ..."
)
TOPIC = (
    'error: resource "urn:pulumi:shop.local::plat::plat:index:Publications$kafka:index/topic:Topic::shop.sales.OrderTaken.v1" '
    "cannot be deleted\nbecause it is protected. To unprotect the resource, ..."
)

RECOVERED = (
    "error: unable to replace resource "
    '"urn:pulumi:shop.local::plat::plat:index:Context$kubernetes:postgresql.cnpg.io/v1:Cluster::sales--postgresql"\n'
    "as it is currently marked for protection. To unprotect the resource, ..."
)


@pytest.mark.parametrize(
    ("sentence", "output", "beginning"),
    [
        ("data would be lost", PROTECTED, "this would have lost data: sales--redis. Nothing was deleted."),
        (
            "records would be lost",
            TOPIC,
            "this would have lost the records of topic shop.sales.OrderTaken.v1: its event is gone",
        ),
        (
            "a database that is there would be recovered",
            RECOVERED,
            "sales--postgresql is there and is not replaced by what its copies hold. Nothing was changed.",
        ),
        (
            "somebody else updates",
            "error: the stack is currently locked by 1 lock(s).",
            "another update of shop.local is running",
        ),
        (
            "somebody elsewhere updates",
            "error: the stack is currently locked by 1 lock(s).\n  s3://b/x.json: created by me@there (pid 7) at today",
            "another update of shop.local is running (PID 7 on there, since today): wait for it to end",
        ),
        (
            "a key that nobody may use",
            "error: could not create secrets manager for new stack: secrets (code=PermissionDenied): AccessDenied",
            "the key that the secrets of shop.local are encrypted with cannot be used",
        ),
        (
            "a key service that has no name",
            "error: could not create secrets manager for new stack: open keeper hashivault://x: no VAULT_ADDR",
            "the key that the secrets of shop.local are encrypted with cannot be used",
        ),
        (
            "a store that does not answer",
            'error: failed to load checkpoint: blob (key ".pulumi/stacks/plat/x.json") (code=Unknown): RequestError',
            "the state of shop.local cannot be reached in .plat/state",
        ),
        ("a wrong passphrase", "error: incorrect passphrase", "the passphrase in .plat/passphrase is not the one"),
        ("no room", "write .plat/state/x: no space left on device", "the disk is full: make room"),
        ("half a state", "error: failed to load checkpoint: place 1: unexpected end", "the state of shop.local is cut off"),
        ("anything else", "error: something", ""),
    ],
)
def test_a_failed_update_is_explained(sentence: str, output: str, beginning: str) -> None:
    found = explain(output, "shop.local", ".plat/state")

    assert found.startswith(beginning), sentence
    assert bool(found) == bool(beginning), sentence
