"""An API server that is not always itself: what an update does when it is busy, broken, or knows its caller no more."""

from __future__ import annotations

import base64
import json
import re
import shutil
import ssl
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.integration.cluster.conftest import Cluster

pytestmark = pytest.mark.timeout(1200)
NAME, ENVIRONMENT = "orders-unanswered", "unanswered"
HERE = ("-e", ENVIRONMENT)
CHANGING = ("DELETE", "PATCH", "POST", "PUT")

Trouble = Callable[[str, str], "tuple[int, dict[str, str]] | None"]
"""What is answered to a method and a path instead of what the API server would; None where it answers itself."""


def no_trouble(_method: str, _path: str) -> None:
    return None


class Between(ThreadingHTTPServer):
    """Stands between whoever speaks to the API server and that, and makes trouble."""

    daemon_threads = True

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        known = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        cluster, user = known["clusters"][0]["cluster"], known["users"][0]["user"]
        self.there = urlsplit(cluster["server"])
        self.context = ssl.create_default_context(cadata=_decoded(cluster, "certificate-authority").decode())
        pair = folder / "administrator.pem"
        pair.touch(mode=0o600)
        pair.write_bytes(_decoded(user, "client-certificate") + b"\n" + _decoded(user, "client-key"))
        self.context.load_cert_chain(pair)
        pair.unlink()
        self.trouble: Trouble = no_trouble
        self.troubled: list[str] = []

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the class above has it
        """Who is answered may have gone: that is what happens to whoever watches."""

    def kubeconfig(self) -> dict[str, Any]:
        """The access to it, which needs no key."""
        address = f"http://127.0.0.1:{self.server_address[1]}"
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "between", "cluster": {"server": address}}],
            "users": [{"name": "nobody", "user": {}}],
            "contexts": [{"name": "between", "context": {"cluster": "between", "user": "nobody"}}],
            "current-context": "between",
        }


def _decoded(part: dict[str, str], name: str) -> bytes:
    if name in part:
        return Path(part[name]).read_bytes()
    return base64.b64decode(part[f"{name}-data"])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Between

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        trouble = self.server.trouble(self.command, self.path)
        if trouble:
            self.server.troubled.append(f"{self.command} {self.path}")
            code, headers = trouble
            reason = HTTPStatus(code).phrase
            status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": reason, "code": code}
            self._send(code, {"Content-Type": "application/json", **headers}, json.dumps(status).encode())
            return
        there = HTTPSConnection(str(self.server.there.hostname), self.server.there.port, context=self.server.context)
        named = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "accept-encoding"}}
        there.request(self.command, self.path, body=sent, headers=named)
        answer = there.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
                self.send_header(name, value)
        # What is watched comes bit by bit, and ends when it ends.
        self.send_header("Connection", "close")
        self.end_headers()
        while part := answer.read1(65536):
            self.wfile.write(part)
            self.wfile.flush()
        self.close_connection = True

    def _send(self, code: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_DELETE = do_GET = do_PATCH = do_POST = do_PUT = _answer  # noqa: N815 - called so by the class above

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has there
        """Nothing is logged: the test says what was wrong."""


@pytest.fixture(scope="module")
def between(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Between]:
    server = Between(cluster.kubeconfig, tmp_path_factory.mktemp("between"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    root = cluster.checkout.root
    (root / ".plat" / "cluster" / "between").write_text(yaml.safe_dump(server.kubeconfig()), encoding="utf-8")
    environment = yaml.safe_load((root / "stacks" / "environments" / "cluster-units.yaml").read_text(encoding="utf-8"))
    environment |= {"name": ENVIRONMENT, "cluster": {**environment["cluster"], "kubeconfig": ".plat/cluster/between"}}
    (root / "stacks" / "environments" / f"{ENVIRONMENT}.yaml").write_text(yaml.safe_dump(environment), encoding="utf-8")
    folder = root / "contexts"
    shutil.copytree(folder / "order-processing", folder / NAME)
    file = folder / NAME / "landscape.yaml"
    file.write_text(file.read_text().replace("name: order-processing ", f"name: {NAME} ", 1), encoding="utf-8")
    try:
        yield server
    finally:
        server.trouble = no_trouble
        cluster.checkout.run("plat", "destroy", NAME, *HERE, "--with-data", "--confirm", NAME, timeout=300)
        shutil.rmtree(folder / NAME)
        (root / "stacks" / "environments" / f"{ENVIRONMENT}.yaml").unlink()
        server.shutdown()
        server.server_close()


def states(cluster: Cluster, code: int) -> dict[str, tuple[str, str]]:
    """How it ended for each share, and why."""
    ran = cluster.checkout.run("plat", "up", NAME, *HERE, "--json", timeout=900)
    assert ran.returncode == code, ran.stdout
    found: dict[str, Any] = json.loads(ran.stdout[0 if ran.stdout.startswith("{") else ran.stdout.index("\n{\n") :])
    return {share["share"]: (share["state"], share["reason"]) for share in found["shares"]}


def test_a_server_that_breaks_at_one_unit_fails_that_one_and_the_next_run_goes_on(cluster: Cluster, between: Between) -> None:
    def broken(method: str, path: str) -> tuple[int, dict[str, str]] | None:
        return (500, {}) if method in CHANGING and "--user-management/deployments" in path else None

    between.trouble = broken
    found = states(cluster, 1)
    between.trouble = no_trouble
    assert between.troubled
    assert {share: state for share, (state, _) in found.items() if state != "done"} == {"user-management": "failed"}
    log = (cluster.checkout.root / ".plat" / "logs" / f"{NAME}.user-management.{ENVIRONMENT}.log").read_text(encoding="utf-8")
    assert "Internal Server Error" in log
    assert {state for state, _ in states(cluster, 0).values()} == {"current", "done"}
    assert {state for state, _ in states(cluster, 0).values()} == {"current"}


def test_a_server_that_is_busy_is_asked_again(cluster: Cluster, between: Between) -> None:
    # Whoever speaks to it asks again ten times at the most.
    left = [6]

    def busy(method: str, _path: str) -> tuple[int, dict[str, str]] | None:
        if method not in CHANGING or not left[0]:
            return None
        left[0] -= 1
        return 429, {"Retry-After": "1"}

    change(cluster, "one")
    between.trouble = busy
    found = states(cluster, 0)
    between.trouble = no_trouble
    assert left == [0]
    assert {share for share, (state, _) in found.items() if state == "done"} == {"user-management"}


def test_a_caller_who_is_known_no_more_changes_nothing_and_is_told_so(cluster: Cluster, between: Between) -> None:
    def expired(_method: str, _path: str) -> tuple[int, dict[str, str]]:
        return 401, {}

    change(cluster, "two")
    between.trouble = expired
    ran = cluster.checkout.run("plat", "up", NAME, *HERE)
    between.trouble = no_trouble
    assert ran.returncode
    assert re.search(r"does not answer \(kubeconfig `\.plat/cluster/between`.*(Unauthorized|logged in)", ran.stdout), (
        ran.stdout
    )
    assert "Nothing was changed" in ran.stdout
    assert states(cluster, 0)["user-management"][0] == "done"


def test_one_who_becomes_unknown_in_the_midst_is_told_and_the_next_run_goes_on(cluster: Cluster, between: Between) -> None:
    expired: list[str] = []

    def in_the_midst(method: str, path: str) -> tuple[int, dict[str, str]] | None:
        if expired or (method in CHANGING and "--user-management/" in path):
            expired.append(path)
        return (401, {}) if expired else None

    change(cluster, "three")
    between.trouble = in_the_midst
    found = states(cluster, 1)
    between.trouble = no_trouble
    assert found["user-management"][0] == "failed"
    log = (cluster.checkout.root / ".plat" / "logs" / f"{NAME}.user-management.{ENVIRONMENT}.log").read_text(encoding="utf-8")
    assert "Unauthorized" in log or "logged in" in log
    assert states(cluster, 0)["user-management"][0] == "done"
    assert {state for state, _ in states(cluster, 0).values()} == {"current"}


def change(cluster: Cluster, value: str) -> None:
    """Lets one unit differ from what was applied."""
    descriptor = cluster.checkout.root / "contexts" / NAME / "user-management.yaml"
    text = re.sub(r"^    environment: .*\n", "", descriptor.read_text(encoding="utf-8"), flags=re.MULTILINE)
    said = f"    environment: {{SAID: {value}}}\n"
    descriptor.write_text(re.sub(r"^(    port: .*\n)", rf"\1{said}", text, count=1, flags=re.MULTILINE), encoding="utf-8")
