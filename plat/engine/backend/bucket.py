"""Files in a bucket of an object store that speaks S3, as Pulumi's own backend keeps them there.

The way to it, and who we are to it, are found as the engine finds them: by the parameters of the URL, else by the variables
and files of AWS' tools.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from plat.engine.backend.model import READERS
from plat.engine.problem import BackendProblem

_GONE = frozenset(("404", "NoSuchKey"))
_TRIES = 4
_SECONDS = 20


class Bucket:
    """The files below the `url` of a bucket, `s3://bucket/prefix?region=…`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._shown = url.partition("?")[0]
        self._bucket = parts.netloc
        prefix = parts.path.strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._parameters = dict(parse_qsl(parts.query, keep_blank_values=True))

    def names(self, folder: str, after: str = "") -> Sequence[str]:
        """The names of the files right in `folder`, in order; only those that come after the name `after`."""
        prefix = f"{self._prefix}{folder}/"
        # A store may hand them on in pages, of a thousand as a rule.
        words = {"Bucket": self._bucket, "Prefix": prefix, "Delimiter": "/", "StartAfter": f"{prefix}{after}"}
        found: list[str] = []
        while True:
            page = self._ask("list_objects_v2", **words)
            found += (item["Key"].removeprefix(prefix) for item in page.get("Contents", ()))
            if not page.get("IsTruncated"):
                return sorted(name for name in found if name > after)
            words["ContinuationToken"] = page["NextContinuationToken"]

    def has(self, key: str) -> bool:
        """Whether there is such a file."""
        return bool(self._ask("head_object", Bucket=self._bucket, Key=f"{self._prefix}{key}"))

    def read(self, key: str) -> bytes | None:
        """What is in a file; None where there is none."""
        found = self._ask("get_object", Bucket=self._bucket, Key=f"{self._prefix}{key}")
        return found["Body"] if found else None

    def mark(self, key: str) -> None:
        """None: to ask for it is a request, and so is to read."""
        del key

    def create(self, key: str, content: bytes) -> bool:
        """Nothing is written: not every store can keep two writers apart."""
        del key, content
        return False

    def remove(self, key: str) -> None:
        """Remove a file, if it is there."""
        self._ask("delete_object", Bucket=self._bucket, Key=f"{self._prefix}{key}")

    def remove_cut_off(self, folder: str) -> None:
        """Nothing is: an object store has what it says of a file with the file."""
        del folder

    def wait_for_writers(self) -> None:
        """Return at once: in an object store a file is there as a whole, or not at all."""

    def _ask(self, what: str, **words: str) -> dict[str, Any]:
        """Its answer, with the whole of a body; empty where there is no such file. Raises BackendProblem."""
        # Loaded here, and by nobody who keeps states in a folder: it takes longer than all else that Plat begins with.
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError  # noqa: PLC0415

        try:
            answer: dict[str, Any] = getattr(self._client, what)(**words)
            if "Body" in answer:
                answer["Body"] = answer["Body"].read()
        except ClientError as error:
            told = error.response.get("Error", {})
            if told.get("Code") in _GONE:
                return {}
            reason = f"{told.get('Code')}: {told.get('Message')}"
            raise self._problem(reason) from None
        except NoCredentialsError:
            reason = "there are no credentials for it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            raise self._problem(reason) from None
        except (BotoCoreError, OSError, ValueError) as error:
            raise self._problem(str(error)) from None
        return answer

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - it has no types
        from botocore.config import Config  # noqa: PLC0415
        from botocore.session import Session  # noqa: PLC0415

        given = self._parameters
        path_style = "true" in {given.get("s3ForcePathStyle"), given.get("use_path_style")}
        settings = Config(
            s3={"addressing_style": "path" if path_style else "auto"},
            connect_timeout=_SECONDS,
            read_timeout=_SECONDS,
            retries={"mode": "standard", "total_max_attempts": _TRIES},
            max_pool_connections=READERS,
            # The engine knows an endpoint by its URL alone; and both have to read the same bucket.
            ignore_configured_endpoint_urls=given.get("awssdk", "").lower() != "v2",
        )
        session = Session(profile=given.get("profile"))
        # The engine's SDK calls it by this name, Python's by another.
        region = given.get("region") or os.environ.get("AWS_REGION")
        return session.create_client("s3", region_name=region, endpoint_url=self._endpoint, config=settings)

    @property
    def _endpoint(self) -> str | None:
        found = self._parameters.get("endpoint")
        if not found or "://" in found:
            return found
        plain = "true" in {self._parameters.get("disableSSL"), self._parameters.get("disable_https")}
        return f"{'http' if plain else 'https'}://{found}"

    def _problem(self, reason: str) -> BackendProblem:
        return BackendProblem(f"states cannot be read in {self._shown}: {reason}")
