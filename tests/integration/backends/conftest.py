"""An object store and a key service on this machine, with credentials that only whoever starts them knows."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

REGION = "eu-central-1"
BUCKET = "states"


@dataclass(frozen=True)
class Store:
    """An object store with one bucket; `folder` is where it keeps what is in that."""

    endpoint: str
    folder: Path
    key: str

    def url(self, prefix: str) -> str:
        """What an environment calls a place in its bucket."""
        return f"s3://{BUCKET}/{prefix}?endpoint={self.endpoint}&region={REGION}&s3ForcePathStyle=true"

    def place(self, prefix: str) -> str:
        """Such a place, where locks may come and go at once.

        This store removes a folder with the last file in it, and then refuses a file that comes into that folder just now
        (`removeParents` and `MkdirAll` in versitygw's backend/posix); not one that was asked for by itself.
        """
        _client(self.endpoint).put_object(Bucket=BUCKET, Key=f"{prefix}/.pulumi/locks/organization/plat/")
        return self.url(prefix)


@dataclass(frozen=True)
class Keys:
    """A key service with one key."""

    endpoint: str
    alias: str = "alias/plat"

    def url(self, alias: str = "") -> str:
        """What an environment calls a key of it."""
        return f"awskms://{alias or self.alias}?endpoint={self.endpoint}&region={REGION}"


@pytest.fixture(scope="session")
def credentials() -> Iterator[str]:
    """Sets the variables that Pulumi reads; gives the secret one."""
    secret = secrets.token_hex(20)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "plat-of-tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        yield secret


@pytest.fixture(scope="session")
def store(credentials: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("store")
    data, metadata = folder / "data", folder / "metadata"
    data.mkdir()
    metadata.mkdir()
    port = _free()
    gateway = str(Path(os.environ["PLAT_VERSITYGW_BIN"]) / "versitygw")
    words = (gateway, "--quiet", "--region", REGION, f"--port=127.0.0.1:{port}", "posix", f"--sidecar={metadata}", str(data))
    variables = {"ROOT_ACCESS_KEY_ID": "plat-of-tests", "ROOT_SECRET_ACCESS_KEY": credentials}
    with _serving(words, port, {**os.environ, **variables}) as endpoint:
        _client(endpoint).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield Store(endpoint, data / BUCKET, credentials)


@pytest.fixture(scope="session")
def keys(credentials: str) -> Iterator[Keys]:
    del credentials
    port = _free()
    words = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    with _serving(words, port, os.environ) as endpoint:
        client = Session().create_client("kms", region_name=REGION, endpoint_url=endpoint)
        made = Keys(endpoint)
        client.create_alias(AliasName=made.alias, TargetKeyId=client.create_key()["KeyMetadata"]["KeyId"])
        yield made


def _client(endpoint: str) -> Any:  # noqa: ANN401 - it has no types
    return Session().create_client("s3", region_name=REGION, endpoint_url=endpoint)


def _free() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def _serving(words: Sequence[str], port: int, variables: Mapping[str, str]) -> Iterator[str]:
    """A server on `port` that runs while the block does; where it answers."""
    with subprocess.Popen(words, env=dict(variables), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not _answers(port):
                assert process.poll() is None, f"{words[0]} has ended"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
