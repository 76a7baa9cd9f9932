"""One comment on a change, and the report that was agreed to, by the interfaces of GitHub and GitLab."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from ci.__main__ import app
from ci.host import HostProblem, host

MARK = "<!-- plat preview shop.units -->"
TOKEN = "CANARY-TOKEN"


class Fake:
    """A host that answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Any] = {}
        self.asked: list[tuple[str, str, Any]] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                url = urlsplit(self.path)
                token = self.headers.get("PRIVATE-TOKEN") or self.headers.get("Authorization")
                fake.asked.append((self.command, url.path, body))
                found = fake.answers.get((self.command, url.path))
                if token not in {TOKEN, f"Bearer {TOKEN}"}:
                    found = None
                page = int(parse_qs(url.query).get("page", ["1"])[0])
                if isinstance(found, list) and "page" in url.query:
                    found = found[(page - 1) * 100 : page * 100]
                content = found if isinstance(found, bytes) else json.dumps(found).encode()
                self.send_response(404 if found is None else 200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815 - names that the library calls

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def written(self) -> list[tuple[str, str, Any]]:
        return [one for one in self.asked if one[0] != "GET"]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    made = Fake()
    threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True).start()
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "PLAT_HEAD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANDSCAPE", "shop")
    monkeypatch.setenv("PLAT_ENVIRONMENT", "units")
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def github(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Fake:
    given = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": fake.url,
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_SHA": "merged",
        "PLAT_PULL_REQUEST": "7",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return fake


@pytest.fixture
def gitlab(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Fake:
    given = {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": fake.url,
        "PLAT_GITLAB_TOKEN": TOKEN,
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_COMMIT_SHA": "merged",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    fake.answers["GET", "/user"] = {"id": 1}
    return fake


COMMENTS = "/repos/acme/shop/issues/7/comments"
NOTES = "/projects/3/merge_requests/7/notes"


def a_comment(number: int, body: str, kind: str = "Bot") -> dict[str, Any]:
    return {"id": number, "body": body, "user": {"type": kind}}


def test_github_gets_a_first_comment(github: Fake) -> None:
    github.answers |= {("GET", COMMENTS): [a_comment(1, "hello", "User")], ("POST", COMMENTS): {"id": 2}}

    assert host().comment(MARK, f"{MARK}\nnew") == "wrote comment 2"
    assert github.written() == [("POST", COMMENTS, {"body": f"{MARK}\nnew"})]


def test_github_gets_the_same_comment_updated_wherever_it_is(github: Fake) -> None:
    others = [a_comment(number, "hello", "User") for number in range(150)]
    github.answers["GET", COMMENTS] = [a_comment(900, f"{MARK}\nquoted", "User"), *others, a_comment(901, f"{MARK}\nold")]
    github.answers["PATCH", "/repos/acme/shop/issues/comments/901"] = {"id": 901}

    assert host().comment(MARK, f"{MARK}\nnew") == "updated comment 901"
    assert [one[0] for one in github.written()] == ["PATCH"]


def test_gitlab_gets_a_note_and_the_same_note_updated(gitlab: Fake) -> None:
    gitlab.answers |= {("GET", NOTES): [{"id": 4, "body": f"{MARK}\n", "author": {"id": 2}}], ("POST", NOTES): {"id": 5}}
    assert host().comment(MARK, f"{MARK}\nnew") == "wrote note 5"

    gitlab.answers |= {
        ("GET", NOTES): [{"id": 5, "body": f"{MARK}\nold", "author": {"id": 1}}],
        ("PUT", f"{NOTES}/5"): {"id": 5},
    }
    assert host().comment(MARK, f"{MARK}\nnew") == "updated note 5"


def packed(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("report.json", content)
    return buffer.getvalue()


def an_artifact(number: int, *, head: str = "head", repository: int = 1, created: str = "2026-01-01") -> dict[str, Any]:
    run = {"head_sha": head, "head_repository_id": repository, "repository_id": 1}
    return {"id": number, "expired": False, "created_at": created, "workflow_run": run}


def test_github_gives_the_newest_report_of_the_merged_commit_and_no_forks(github: Fake) -> None:
    pulls = [{"number": 7, "merge_commit_sha": "merged", "head": {"sha": "head"}}]
    artifacts = [
        an_artifact(1),
        an_artifact(2, created="2026-01-02"),
        an_artifact(3, created="2026-01-03", repository=9),
        an_artifact(4, created="2026-01-04", head="older"),
    ]
    github.answers |= {
        ("GET", "/repos/acme/shop/commits/merged/pulls"): pulls,
        ("GET", "/repos/acme/shop/actions/artifacts"): {"artifacts": artifacts},
        ("GET", "/repos/acme/shop/actions/artifacts/2/zip"): packed(b"{}"),
    }

    assert host().agreed("plat-preview") == b"{}"


def test_a_commit_that_nobody_agreed_to_has_no_report(github: Fake) -> None:
    github.answers["GET", "/repos/acme/shop/commits/merged/pulls"] = [
        {"number": 7, "merge_commit_sha": "another", "head": {"sha": "head"}}
    ]

    with pytest.raises(HostProblem, match="nobody has agreed"):
        host().agreed("plat-preview")


def test_gitlab_gives_the_report_of_the_merged_commits_job(gitlab: Fake) -> None:
    project = "/projects/3"
    jobs = [
        {"id": 20, "name": "plat-check", "commit": {"id": "head"}},
        {"id": 21, "name": "plat-preview", "commit": {"id": "head"}},
    ]
    gitlab.answers |= {
        ("GET", f"{project}/repository/commits/merged/merge_requests"): [{"iid": 7, "state": "merged", "sha": "head"}],
        ("GET", f"{project}/merge_requests/7/pipelines"): [{"id": 11}],
        ("GET", f"{project}/pipelines/11/jobs"): jobs,
        ("GET", f"{project}/jobs/21/artifacts/report.json"): b'{"version": 1}',
    }

    assert host().agreed("plat-preview") == b'{"version": 1}'


def test_a_refusal_says_what_was_asked_and_no_token(github: Fake) -> None:
    with pytest.raises(HostProblem, match=r"404 Not Found; docs/ci\.md says what its token has to be allowed") as told:
        host().comment(MARK, MARK)

    assert github.asked
    assert TOKEN not in str(told.value)


def test_a_missing_variable_is_named(github: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLAT_PULL_REQUEST")

    with pytest.raises(HostProblem, match="PLAT_PULL_REQUEST is not in the environment"):
        host().comment(MARK, MARK)
    assert github.asked == []


def test_that_there_is_no_report_is_said_in_the_comment(
    github: Fake,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,  # noqa: ANN401 - a path
) -> None:
    github.answers |= {("GET", COMMENTS): [a_comment(5, f"{MARK}\nold")], ("PATCH", "/repos/acme/shop/issues/comments/5"): {}}
    monkeypatch.setenv("PLAT_HEAD", "abcdef")

    result = CliRunner().invoke(app, ["comment", str(tmp_path / "report.md")])
    assert result.output == "updated comment 5\n"
    ((_, _, body),) = github.written()
    assert body["body"].startswith(f"{MARK}\n## Plat preview: shop.units")
    assert "There is no preview of this change" in body["body"]
    assert "Of `abcdef`; another commit makes it stale." in body["body"]
