"""The customer portal: a backend for a frontend over Tracking and Billing, which decides nothing and keeps nothing.

`GET /ShowParcel?parcel_id=` shows where a parcel is and what it cost; what one of the two cannot say now is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from samples.environment import Environment
from samples.fields import line
from samples.service import Service, main
from samples.upstream import OverHttp, Upstream, UpstreamDownError, UpstreamRefusedError
from samples.web import Answer, Problem, Request, Route


class Portal:
    """What customers see."""

    def __init__(self, tracking: Upstream, billing: Upstream) -> None:
        self._sides = {"journey": (tracking, "TrackParcel"), "invoice": (billing, "GetInvoice")}

    def show(self, request: Request) -> Answer:
        """All that is known of the query's `parcel_id`."""
        query = {"parcel_id": line(request.query, "parcel_id")}
        known = {name: _said(upstream, operation, query) for name, (upstream, operation) in self._sides.items()}
        if not any(known.values()):
            raise Problem(HTTPStatus.NOT_FOUND, "nothing is known of this parcel")
        return Answer({**query, **{name: said for name, said in known.items() if said}})


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where an upstream is missing."""
    portal = Portal(OverHttp(environment, "tracking"), OverHttp(environment, "billing"))
    return Service(routes={"ShowParcel": Route({"GET": portal.show}, "ShowParcel")})


def _said(upstream: Upstream, operation: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
    try:
        return upstream.ask(operation, query)
    except (UpstreamDownError, UpstreamRefusedError):
        return None


if __name__ == "__main__":
    main(make)
