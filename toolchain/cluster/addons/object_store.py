"""An object store that speaks S3, for backups: Versity's gateway over a folder, which ends with its pod.

Where it listens and who may come in follows from a certificate of its own, so that no key stands in any file.
"""

from __future__ import annotations

from toolchain.cluster.addons.addon import AddOn, Given, Object
from toolchain.cluster.programs import Source

_MODULE = "github.com/versity/versitygw"


def _objects(given: Given) -> list[Object]:
    return []


VERSITYGW = AddOn(Source("versitygw", (f"{_MODULE}/cmd/versitygw",), _MODULE), (), _objects)
