"""Where a repository is hosted, as far as a pipeline talks to it: GitHub and GitLab, by their REST interfaces.

Who a pipeline is and what it runs for, it tells by variables of its environment; no credential is ever an argument, or said.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

_SECONDS = 30.0
_PAGE = 100


class HostProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """The host did not do what was asked. The message is for the user, and holds no credential."""


class Host(Protocol):
    """A host of repositories."""

    def comment(self, marker: str, body: str) -> str:
        """Writes the one comment that begins with `marker` on the change that the pipeline runs for: a new one, or anew.

        Returns what was done. Raises HostProblem.
        """

    def agreed(self, name: str) -> bytes:
        """The report called `name` that the change had when it was merged as the pipeline's commit. Raises HostProblem."""


def host() -> Host:
    """The host whose pipeline this is. Raises HostProblem where it is none."""
    if os.environ.get("GITHUB_ACTIONS"):
        return GitHub(
            _client("GITHUB_API_URL", "Authorization", f"Bearer {_given('GITHUB_TOKEN')}"), _given("GITHUB_REPOSITORY")
        )
    if os.environ.get("GITLAB_CI"):
        return GitLab(_client("CI_API_V4_URL", "PRIVATE-TOKEN", _given("PLAT_GITLAB_TOKEN")), _given("CI_PROJECT_ID"))
    msg = "this is no pipeline of GitHub (GITHUB_ACTIONS) or of GitLab (GITLAB_CI)"
    raise HostProblem(msg)


@dataclass(frozen=True)
class GitHub:
    """https://docs.github.com/en/rest."""

    client: httpx.Client
    repository: str

    def comment(self, marker: str, body: str) -> str:
        """See Host. The comment is one that a program wrote: nobody's words are written over."""
        issue = f"repos/{self.repository}/issues"
        number = _given("PLAT_PULL_REQUEST")
        for found in _pages(self.client, f"{issue}/{number}/comments"):
            if str(found["body"]).startswith(marker) and found["user"]["type"] == "Bot":
                _ask(self.client, "PATCH", f"{issue}/comments/{found['id']}", {"body": body})
                return f"updated comment {found['id']}"
        made = _ask(self.client, "POST", f"{issue}/{number}/comments", {"body": body}).json()
        return f"wrote comment {made['id']}"

    def agreed(self, name: str) -> bytes:
        """See Host. The artifact is one of a run for the last commit of the merged pull request, in this repository itself."""
        commit = _given("GITHUB_SHA")
        pulls = _ask(self.client, "GET", f"repos/{self.repository}/commits/{commit}/pulls").json()
        merged = [pull for pull in pulls if pull["merge_commit_sha"] == commit]
        if not merged:
            msg = f"{commit} was not made by merging a pull request, so that nobody has agreed to a report"
            raise HostProblem(msg)
        head = merged[0]["head"]["sha"]
        there = _ask(self.client, "GET", f"repos/{self.repository}/actions/artifacts?name={name}&per_page={_PAGE}").json()
        fitting = [item for item in there["artifacts"] if not item["expired"] and _is_of(item["workflow_run"], head)]
        if not fitting:
            msg = f"there is no report `{name}` of {head}, the last commit of pull request {merged[0]['number']}"
            raise HostProblem(msg)
        newest = max(fitting, key=lambda item: str(item["created_at"]))
        packed = _ask(self.client, "GET", f"repos/{self.repository}/actions/artifacts/{newest['id']}/zip").content
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            return archive.read(archive.namelist()[0])


@dataclass(frozen=True)
class GitLab:
    """https://docs.gitlab.com/api/rest/."""

    client: httpx.Client
    project: str

    def comment(self, marker: str, body: str) -> str:
        """See Host. The note is one that this token's own account wrote."""
        notes = f"projects/{self.project}/merge_requests/{_given('CI_MERGE_REQUEST_IID')}/notes"
        own = _ask(self.client, "GET", "user").json()["id"]
        for found in _pages(self.client, notes):
            if str(found["body"]).startswith(marker) and found["author"]["id"] == own:
                _ask(self.client, "PUT", f"{notes}/{found['id']}", {"body": body})
                return f"updated note {found['id']}"
        made = _ask(self.client, "POST", notes, {"body": body}).json()
        return f"wrote note {made['id']}"

    def agreed(self, name: str) -> bytes:
        """See Host. The artifact is that of the job `name` in the last pipeline of the merge request, which succeeded."""
        commit, project = _given("CI_COMMIT_SHA"), f"projects/{self.project}"
        found = _ask(self.client, "GET", f"{project}/repository/commits/{commit}/merge_requests").json()
        merged = [item for item in found if item["state"] == "merged"]
        if not merged:
            msg = f"{commit} was not made by a merge request, so that nobody has agreed to a report"
            raise HostProblem(msg)
        request = merged[0]["iid"]
        for pipeline in _ask(self.client, "GET", f"{project}/merge_requests/{request}/pipelines").json():
            for job in _pages(self.client, f"{project}/pipelines/{pipeline['id']}/jobs?scope=success"):
                if job["name"] == name and job["commit"]["id"] == merged[0]["sha"]:
                    return _ask(self.client, "GET", f"{project}/jobs/{job['id']}/artifacts/report.json").content
        msg = f"there is no report of the job `{name}` for {merged[0]['sha']}, the last commit of merge request {request}"
        raise HostProblem(msg)


def _is_of(run: Mapping[str, Any], head: str) -> bool:
    return bool(run["head_sha"] == head and run["head_repository_id"] == run["repository_id"])


def _client(url: str, header: str, value: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"{_given(url).rstrip('/')}/", headers={header: value}, timeout=_SECONDS, follow_redirects=True
    )


def _given(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        msg = f"{name} is not in the environment: docs/ci.md says what a pipeline has to give"
        raise HostProblem(msg)
    return value


def _pages(client: httpx.Client, path: str) -> Iterator[dict[str, Any]]:
    page, join = 1, "&" if "?" in path else "?"
    while True:
        found = _ask(client, "GET", f"{path}{join}per_page={_PAGE}&page={page}").json()
        yield from found
        if len(found) < _PAGE:
            return
        page += 1


def _ask(client: httpx.Client, method: str, path: str, content: Mapping[str, str] | None = None) -> httpx.Response:
    try:
        answer = client.request(method, path, json=content)
    except httpx.HTTPError as problem:
        msg = f"{method} {path}: {type(problem).__name__}"
        raise HostProblem(msg) from None
    if answer.is_error:
        msg = f"{method} {path}: {answer.status_code} {answer.reason_phrase}; docs/ci.md says what its token has to be allowed"
        raise HostProblem(msg)
    return answer
