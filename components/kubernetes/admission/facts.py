"""What is planned in a namespace, for the cluster's policies: an annotation of it for each object, with what must be as it is.

The text of a part is the one that CEL's `format` gives of the same part of the object, so that the two can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from components.kubernetes.manifest import Hidden, Manifest, Unit
from components.kubernetes.operated import INSIDE, OPERATED
from plat.kubernetes import labels

PLANNED = f".plan.{labels.PREFIX}"
"""Between the kind and the name of a planned object, that is the annotation's key."""

FORM = f".form.{labels.PREFIX}"
"""Between the kind and the name of a server, that is the key of what all objects of that kind have which work inside of it."""

SERVERS = f"plan.{labels.PREFIX}servers"
"""The servers of the namespace, by name, separated by commas."""

VARIABLES = f"plan.{labels.PREFIX}variables"
"""The Secrets that whatever runs in the namespace may be given, separated by commas."""

# All annotations of an object together have 256 KiB.
_LONGEST = 64 * 1024

OURS = (labels.UNIT, labels.TEAM, *labels.ROLES)
"""The labels of a pod that say whose it is and which ways are open to it."""

Part = Mapping[str, Any]


def facts(unit: Unit, manifests: Iterable[Manifest], forms: Mapping[str, Part]) -> dict[str, str]:
    """The annotations for the namespace of `unit`, in which `manifests` are planned.

    `forms` are the templates of pods, by server, of those Jobs that others' stacks hold: one text for however many.
    """
    own = [manifest for manifest in manifests if manifest.namespace == unit.namespace.name]
    found = {f"{manifest.kind}{PLANNED}{manifest.name}": fixed(manifest) for manifest in own}
    servers = {server.name for server in unit.plan.servers if server.namespace == unit.namespace.name}
    # An operator may have to call one by a shorter name.
    found[SERVERS] = ",".join(sorted(servers | {manifest.name for manifest in own if manifest.kind in OPERATED}))
    found |= {f"Job{FORM}{server}": pod_shape(template) for server, template in forms.items()}
    found[VARIABLES] = ",".join(_variables(unit))
    return dict(sorted(found.items()))


def _variables(unit: Unit) -> Sequence[str]:
    """Of those workloads that act for nobody whom the unit does not act for anyway."""
    own = [workload for workload in unit.plan.workloads if workload.namespace == unit.namespace.name]
    contexts = set(unit.namespace.contexts)
    return [f"{workload.name}--env" for workload in own if workload.contexts and contexts.issuperset(workload.contexts)]


def fixed(manifest: Manifest) -> str:
    """The part of `manifest` that must be as planned whoever asks; empty where only who asks counts.

    Of a part that is too long for an annotation it is only who asks that counts.
    """
    read = _FIXED.get(manifest.kind)
    text = read(manifest.content) if read else ""
    return text if len(text) <= _LONGEST else ""


def _spec(content: Part) -> str:
    return formatted(content["spec"])


def _rules(content: Part) -> str:
    return formatted(content["rules"])


def _binding(content: Part) -> str:
    return formatted([content["roleRef"], content["subjects"]])


def _service(content: Part) -> str:
    spec = content["spec"]
    ports = spec.get("ports", ())
    from_nodes = [spec.get("type", "ClusterIP"), spec.get("externalTrafficPolicy", "")]
    numbers = [[str(port["port"]) for port in ports], [str(port.get("nodePort", 0)) for port in ports]]
    return formatted([spec.get("selector", {}), *numbers, from_nodes])


def _template(content: Part) -> str:
    return pod_shape(content["spec"]["template"])


_FIXED: Mapping[str, Callable[[Part], str]] = {
    "Deployment": _template,
    "Job": _template,
    "LimitRange": _spec,
    "NetworkPolicy": _spec,
    "ResourceQuota": _spec,
    "Role": _rules,
    "RoleBinding": _binding,
    "Service": _service,
    "StatefulSet": _template,
    **dict.fromkeys(INSIDE, _spec),
}


def pod_shape(template: Part) -> str:
    """What of a pod says who it is and what it holds, a line for each part; `pods` reads the same out of an object."""
    said, spec = template["metadata"].get("labels", {}), template["spec"]
    parts: list[object] = [[said.get(label, "") for label in OURS], [spec.get("serviceAccountName", "")]]
    parts += [_container(each) for group in ("initContainers", "containers") for each in spec.get(group, ())]
    parts += [_volume(each) for each in spec.get("volumes", ())]
    return "\n".join(map(formatted, parts))


def _container(container: Part) -> object:
    return [
        [container["name"], container["image"]],
        container.get("command", ()),
        container.get("args", ()),
        [_variable(variable) for variable in container.get("env", ())],
        str(len(container.get("envFrom", ()))),
    ]


def _variable(variable: Part) -> object:
    ref = variable.get("valueFrom", {}).get("secretKeyRef", {})
    return [variable["name"], variable.get("value", ""), ref.get("name", ""), ref.get("key", "")]


def _volume(volume: Part) -> object:
    secret, claim = volume.get("secret", {}), volume.get("persistentVolumeClaim", {})
    projected = "projected" if "projected" in volume else ""
    return [volume["name"], secret.get("secretName", ""), claim.get("claimName", ""), projected]


def formatted(value: object) -> str:
    """`value` as CEL's `format` writes it for `%s`: texts in quotes inside of lists and maps, keys in order."""
    match value:
        case str():
            return f'"{_quoted(value)}"'
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Mapping():
            pairs = sorted((formatted(str(key)), formatted(inner)) for key, inner in value.items())
            return "{" + ", ".join(f"{key}:{inner}" for key, inner in pairs) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(formatted, value)) + "]"
        case Hidden():
            msg = "a secret has no place in what everybody may read"
            raise TypeError(msg)
        case _:
            msg = f"{type(value).__name__} has no place in an object"
            raise TypeError(msg)


_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    '"': '\\"',
    "\\": "\\\\",
}
_TABLE = str.maketrans(_ESCAPES)


def _quoted(text: str) -> str:
    """A text as Go quotes it (https://pkg.go.dev/strconv#Quote); nearly all are printable, and there are thousands."""
    return text.translate(_TABLE) if text.isprintable() else "".join(map(_escaped, text))


def _escaped(letter: str) -> str:
    if letter in _ESCAPES or letter.isprintable():
        return _ESCAPES.get(letter, letter)
    number = ord(letter)
    if number < 0x80:  # noqa: PLR2004 - what is ASCII
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"  # noqa: PLR2004 - as many digits as it takes
