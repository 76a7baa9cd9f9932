"""The API server's own language, spoken with the certificate of a kubeconfig: enough to wait and to apply, and no library."""

from __future__ import annotations

import base64
import http.client
import json
import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

from toolchain.cluster.errors import ApiError

_SECONDS = 10.0
_APPLY = "application/apply-patch+yaml"
_FIELD_MANAGER = {"fieldManager": "plat-cluster", "force": "true"}


class Api:
    """The API server behind a kubeconfig of ours."""

    def __init__(self, kubeconfig: Path) -> None:
        document = json.loads(kubeconfig.read_text(encoding="utf-8"))
        cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
        where = urlsplit(cluster["server"])
        self._host, self._port = where.hostname or "", where.port
        self._context = _context(cluster, user)

    def get(self, path: str) -> Any:  # noqa: ANN401 - whatever the object is
        """Read an object or a list of them; raises `ApiError`."""
        return json.loads(self.text("GET", path))

    def create(self, path: str, item: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what has become of it
        """Make an object in a collection; raises `ApiError`."""
        return json.loads(self.text("POST", path, item))

    def delete(self, path: str) -> None:
        """Delete an object; raises `ApiError`."""
        self.text("DELETE", path)

    def apply(self, item: Mapping[str, Any]) -> None:
        """Make an object, or make the one that is there the same; raises `ApiError`."""
        self.text("PATCH", f"{path_of(item)}?{urlencode(_FIELD_MANAGER)}", item)

    def text(self, method: str, path: str, item: Mapping[str, Any] | None = None) -> str:
        """Send a request and give the answer as it is; raises `ApiError`."""
        headers = {"Content-Type": _APPLY if method == "PATCH" else "application/json"}
        body = json.dumps(item) if item is not None else None
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=_SECONDS, context=self._context)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise ApiError(0, f"{method} {path}", f"{error}") from error
        finally:
            connection.close()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise ApiError(answer.status, f"{method} {path}", text)
        return text


def path_of(item: Mapping[str, Any]) -> str:
    """Give where an object lies: its kind's collection is named as all of Kubernetes' own are, in the plural."""
    version, kind, metadata = item["apiVersion"], item["kind"].lower(), item["metadata"]
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}{'es' if kind.endswith('s') else 's'}"
    namespace = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    return f"/{'apis' if '/' in version else 'api'}/{version}{namespace}/{plural}/{metadata['name']}"


def _context(cluster: Mapping[str, str], user: Mapping[str, str]) -> ssl.SSLContext:
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    # Python reads a client's certificate from files alone.
    with TemporaryDirectory() as folder:
        certificate, key = Path(folder) / "certificate", Path(folder) / "key"
        for path, name in ((certificate, "client-certificate-data"), (key, "client-key-data")):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64decode(user[name]))
        context.load_cert_chain(certificate, key)
    return context
