"""The anti-corruption layer of the workforce: vendors' words go in, ours come out, and no outage gets through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from samples.environment import MisconfiguredError, read
from samples.vendors import Vendor, VendorDownError
from samples.workforce import integrations
from samples.workforce.integrations import Ask, delivered, same_as_at_source, translated, whose_token
from tests.unit.samples.fakes import posted

DOCUMENT = {"document_number": "N-42", "kind": "nurse"}


class FakeVendor:
    """Answers every question alike."""

    def __init__(self, answer: Mapping[str, Any] | VendorDownError) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def post(self, path: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((path, document))
        if isinstance(self.answer, VendorDownError):
            raise self.answer
        return self.answer


def outcome(ask: Ask, answer: Mapping[str, Any] | VendorDownError, body: Mapping[str, Any]) -> str:
    answered = translated(cast("Vendor", FakeVendor(answer)), ask)(posted("Operation", body))
    return str(answered.body["outcome"])


@pytest.mark.parametrize(
    ("ask", "body", "yes", "no"),
    [
        (whose_token, {"identity_token": "t"}, {"active": True, "sub": "nora"}, {"active": False}),
        (same_as_at_source, DOCUMENT, {"result": "MATCH"}, {"result": "MISMATCH"}),
        (delivered, {"worker_id": "nora", "message": "Hello."}, {"id": "7"}, {"error": "unknown recipient"}),
    ],
)
def test_what_a_vendor_says_is_told_in_our_words(
    ask: Ask, body: Mapping[str, Any], yes: Mapping[str, Any], no: Mapping[str, Any]
) -> None:
    silent = VendorDownError("api.vendor.example gives no answer: timed out")

    assert [outcome(ask, answer, body) for answer in (yes, no, silent)] == ["confirmed", "refused", "pending"]


def test_a_vendor_is_asked_in_its_own_words() -> None:
    vendor = FakeVendor({"result": "MATCH"})
    translated(cast("Vendor", vendor), same_as_at_source)(posted("VerifyDocument", DOCUMENT))

    assert vendor.asked == [("/v2/checks", {"documentNumber": "N-42", "documentType": "NURSE"})]


def test_a_vendor_that_cannot_be_reached_gives_no_answer() -> None:
    vendor = Vendor(read({"CARRIER_HOST": "127.0.0.1", "CARRIER_PORT": "1"}), "carrier")
    with pytest.raises(VendorDownError, match=r"^127\.0\.0\.1 gives no answer: .+"):
        vendor.post("/", {})


def test_a_vendor_without_an_address_is_named() -> None:
    with pytest.raises(MisconfiguredError, match=r"^IDENTITY_PROVIDER_HOST or IDENTITY_PROVIDER_PORT is not set"):
        integrations.make(read({}))
