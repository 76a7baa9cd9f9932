"""Calls an operation of another context, with the address and the token that Plat gave for it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

PATIENCE = 10
"""Seconds to wait for an upstream."""

# Routes of a landscape never lead through a proxy, whatever the machine's settings say.
_open = build_opener(ProxyHandler({})).open


class UpstreamDownError(Exception):
    """The upstream does not answer. The message says why, without the token."""


def call(url: str, operation: str, query: Mapping[str, str], body: bytes | None = None) -> tuple[HTTPStatus, Any]:
    """The status and the body (decoded where it is JSON) that `operation` answers; a POST when there is a `body`.

    Raises UpstreamDownError where no answer comes.
    """
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.hostname}:{parts.port}/{quote(operation, safe='')}"
    if query:
        address = f"{address}?{urlencode(query)}"
    credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
    headers = {
        "Authorization": f"Basic {base64.b64encode(credentials).decode()}",
        "Content-Type": "application/json",
    }
    try:
        with _open(Request(address, body, headers), timeout=PATIENCE) as response:  # noqa: S310 - the scheme is Plat's
            return HTTPStatus(response.status), _decoded(response.read())
    except HTTPError as refusal:
        return HTTPStatus(refusal.code), _decoded(refusal.read())
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        msg = f"{parts.hostname}:{parts.port} does not answer: {reason}"
        raise UpstreamDownError(msg) from None


def _decoded(content: bytes) -> Any:  # noqa: ANN401 - whatever the upstream says
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")
