"""Systems outside of the landscape: another company's interface, that may change, lag behind or not be there at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from samples.environment import Environment, MisconfiguredError

PATIENCE = 2
"""Seconds to wait for a vendor: its slowness must not become ours."""


class VendorDownError(Exception):
    """The vendor gives no answer that can be understood. The message says which vendor and why."""


class Vendor:
    """One external system, under the address that the descriptor gives for it."""

    def __init__(self, environment: Environment, variable: str) -> None:
        """Raises MisconfiguredError where `variable` holds no address."""
        self._url = environment.variables.get(variable, "")
        if urlsplit(self._url).scheme not in {"http", "https"}:
            msg = f"{variable} is not set: this sample reaches an external system there"
            raise MisconfiguredError(msg)

    def post(self, path: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the vendor answers. Raises VendorDownError."""
        body = json.dumps(document, default=str).encode()
        request = Request(self._url + path, body, {"Content-Type": "application/json"})  # noqa: S310 - scheme checked above
        try:
            with urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - as above
                answer = json.loads(response.read())
        except (OSError, HTTPException, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            msg = f"{urlsplit(self._url).hostname} gives no answer: {reason}"
            raise VendorDownError(msg) from None
        if not isinstance(answer, dict):
            msg = f"{urlsplit(self._url).hostname} answers something that is no object"
            raise VendorDownError(msg)
        return answer
