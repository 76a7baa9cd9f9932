"""Integrations: an anti-corruption layer in front of three vendors, with a deployable of its own and no data.

Each operation asks one vendor in the vendor's words and answers in ours: `confirmed`, `refused`, or `pending` where the
vendor has given no answer. No caller ever learns more, so that a vendor can be changed here and nowhere else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from samples.environment import Environment
from samples.fields import line
from samples.service import Service, main
from samples.vendors import Vendor, VendorDownError
from samples.web import Answer, Request, Route

CONFIRMED, REFUSED, PENDING = "confirmed", "refused", "pending"

Document = Mapping[str, Any]
Ask = Callable[[Vendor, Document], bool]

log = logging.getLogger(__name__)


def whose_token(vendor: Vendor, body: Document) -> bool:
    """Whether the identity provider knows the token (RFC 7662)."""
    return vendor.post("/oauth2/introspect", {"token": line(body, "identity_token")}).get("active") is True


def same_as_at_source(vendor: Vendor, body: Document) -> bool:
    """Whether the document says what its primary source says."""
    check = {"documentNumber": line(body, "document_number"), "documentType": line(body, "kind").upper()}
    return vendor.post("/v2/checks", check).get("result") == "MATCH"


def delivered(vendor: Vendor, body: Document) -> bool:
    """Whether the notification service has taken the message."""
    return "id" in vendor.post("/messages", {"recipient": line(body, "worker_id"), "text": line(body, "message")})


def translated(vendor: Vendor, ask: Ask) -> Callable[[Request], Answer]:
    """An operation that puts `ask` to `vendor` and answers in our words."""

    def answer(request: Request) -> Answer:
        try:
            outcome = CONFIRMED if ask(vendor, request.json()) else REFUSED
        except VendorDownError as error:
            log.warning("%s is pending: %s", request.name, error)
            outcome = PENDING
        return Answer({"outcome": outcome})

    return answer


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where a vendor has no address."""
    operations = {
        "IdentifyWorker": translated(Vendor(environment, "identity-provider"), whose_token),
        "VerifyDocument": translated(Vendor(environment, "document-verification"), same_as_at_source),
        "NotifyWorker": translated(Vendor(environment, "notification-service"), delivered),
    }
    return Service(routes={name: Route({"POST": answer}, name) for name, answer in operations.items()})


if __name__ == "__main__":
    main(make)
