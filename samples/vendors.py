"""Systems outside of the landscape: another company's interface, that may change, lag behind or not be there at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from samples.environment import Environment, MisconfiguredError

PATIENCE = 2
"""Seconds to wait for a vendor: its slowness must not become ours."""


class VendorDownError(Exception):
    """The vendor gives no answer that can be understood. The message says which vendor and why."""


class Vendor:
    """One external system of the landscape, at the host and port that Plat tells to who names it."""

    def __init__(self, environment: Environment, external: str) -> None:
        """Raises MisconfiguredError where the deployable does not name `external`."""
        beginning = external.replace("-", "_").upper()
        self._host, port = (environment.variables.get(f"{beginning}_{part}", "") for part in ("HOST", "PORT"))
        if not self._host or not port:
            msg = f"{beginning}_HOST or {beginning}_PORT is not set: this sample has {external} among its externals"
            raise MisconfiguredError(msg)
        self._url = f"https://{self._host}:{port}"

    def post(self, path: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the vendor answers. Raises VendorDownError."""
        body = json.dumps(document, default=str).encode()
        request = Request(self._url + path, body, {"Content-Type": "application/json"})  # noqa: S310 - always https
        try:
            with urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - as above
                answer = json.loads(response.read())
        except (OSError, HTTPException, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            msg = f"{self._host} gives no answer: {reason}"
            raise VendorDownError(msg) from None
        if not isinstance(answer, dict):
            msg = f"{self._host} answers something that is no object"
            raise VendorDownError(msg)
        return answer
