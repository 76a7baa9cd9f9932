"""An object store that speaks S3, for copies of databases: Versity's gateway over a folder, which ends with its pod."""

from __future__ import annotations

import base64
import hashlib

from toolchain.cluster.addons.addon import AddOn, Given, Object
from toolchain.cluster.certificates import Identity
from toolchain.cluster.places import DOMAIN
from toolchain.cluster.programs import Source

NAMESPACE = NAME = "object-store"
_MODULE = "github.com/versity/versitygw"
SOURCE = Source("versitygw", (f"{_MODULE}/cmd/versitygw",), _MODULE)
_LABELS = {"app.kubernetes.io/name": NAME}
_PORT = 7070
_TLS, _KEYS, _DATA = "tls", "keys", "data"
_PLACES = {_TLS: "/tls", _DATA: "/data", "metadata": "/metadata"}
_ARGUMENTS = (f"--port=:{_PORT}", "--cert=/tls/tls.crt", "--key=/tls/tls.key", "posix", "--sidecar=/metadata", "/data")
_CLOSED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def _objects(given: Given) -> list[Object]:
    tls = given.secret(_TLS, NAMESPACE)
    # Known to whoever knows the certificate's key, and the same every time.
    key = hashlib.sha256(tls["data"]["tls.key"].encode()).hexdigest()[:40]
    texts = {"ROOT_ACCESS_KEY_ID": "administrator", "ROOT_SECRET_ACCESS_KEY": key}
    keys = {"data": {name: base64.b64encode(text.encode()).decode("ascii") for name, text in texts.items()}}
    ports = {"selector": _LABELS, "ports": [{"port": _PORT, "targetPort": _PORT}]}
    pod = {"containers": [_container(given.image)], "volumes": [{"name": _TLS, "secret": {"secretName": _TLS}}]}
    pod["volumes"] += [{"name": name, "emptyDir": {}} for name in _PLACES if name != _TLS]
    template = {"metadata": {"labels": _LABELS}, "spec": {**pod, "automountServiceAccountToken": False}}
    spec = {"replicas": 1, "selector": {"matchLabels": _LABELS}, "template": template}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        tls,
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": _KEYS, "namespace": NAMESPACE}, **keys},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": NAME, "namespace": NAMESPACE}, "spec": ports},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": NAME, "namespace": NAMESPACE}, "spec": spec},
    ]


def _container(image: str) -> Object:
    return {
        "name": NAME,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "args": [*_ARGUMENTS],
        "envFrom": [{"secretRef": {"name": _KEYS}}],
        "readinessProbe": {"tcpSocket": {"port": _PORT}, "periodSeconds": 1},
        "securityContext": _CLOSED,
        "volumeMounts": [{"name": name, "mountPath": path} for name, path in _PLACES.items()],
    }


OBJECT_STORE = AddOn(
    SOURCE,
    (),
    _objects,
    certificate=Identity(NAME, NAME, answers_to=(f"DNS:{NAME}.{NAMESPACE}.svc.{DOMAIN}",)),
)
