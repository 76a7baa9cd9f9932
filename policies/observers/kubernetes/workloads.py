"""Pods, and whatever makes some: whose they are, what they hold, and where their texts lead."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from plat.claims import AccessClaim, Claim, GrantClaim, WorkloadClaim
from plat.kubernetes import labels
from plat.kubernetes.flows import STRIMZI
from plat.reach import Carrier
from policies.ground import Ground
from policies.observed import Observed, Properties, Unreadable
from policies.observers.kubernetes.place import Place

_LABEL = f"label it with `{labels.TEAM}`, as the plan labels what it makes"
_FENCED = "leave it out: a pod has its own network, its own files and its own account"
_VARIABLES = "use the variables that Plat hands over: they are the workload's own"
_OWN_NAME = "leave the label to Plat, which puts it on what descriptors describe"

_HOST = ("hostNetwork", "hostPID", "hostIPC")
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_SCALING = "say it in the descriptor's `scaling`: what scales follows from it"

# What a pod may be given that leads nowhere.
_HARMLESS_VOLUMES = {"name", "configMap", "downwardAPI", "emptyDir", "ephemeral", "image", "secret", "projected"}
_HARMLESS_SOURCES = {"clusterTrustBundle", "configMap", "downwardAPI", "secret"}


def of_template(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """Whatever makes pods by a template."""
    spec = resource.properties.inner("spec")
    yield from of_pods(resource, spec.inner("template"), place, ground)
    for claim in spec.inners("volumeClaimTemplates"):
        yield from _storage(resource, claim.inner("spec"))


def of_cron_job(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """What makes Jobs, which make pods."""
    job = resource.properties.inner("spec").inner("jobTemplate").inner("spec")
    yield from of_pods(resource, job.inner("template"), place, ground)


def of_pod(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """A pod by itself."""
    yield from of_pods(resource, resource.properties, place, ground)


def of_autoscaler(resource: Observed, place: Place, ground: Ground) -> Iterator[Claim]:
    """How many run of what the plan has follows from the scaling profile; two servers on one volume destroy it."""
    target = resource.properties.inner("spec").inner("scaleTargetRef")
    kind, name = target.text("kind"), target.text("name")
    if any((key[0].rpartition(":")[2], *key[1:]) == (kind, place.namespace, name) for key in ground.objects):
        yield resource.breach(f"it decides how many run of `{name}`, which is planned", _SCALING, target.field("name"))


def of_pods(resource: Observed, template: Properties, place: Place, ground: Ground) -> Iterator[Claim]:
    """Pods by their template, whatever makes them."""
    spec, metadata = template.inner("spec"), template.inner("metadata")
    contexts = yield from _whose(resource, metadata, place)
    yield from place.owners(resource, metadata)
    yield from _named_like_ours(resource, metadata, ground)
    yield from _on_the_host(resource, spec)
    yield from _account(resource, spec, place, ground)
    carrier = Carrier(place.name, contexts)
    texts: dict[str, str] = {}
    for group in _CONTAINERS:
        for container in spec.inners(group):
            texts |= _texts(container)
            yield from _held(resource, container, place, carrier, ground)
            yield from _powers(resource, container)
    yield from _volumes(resource, spec, place, carrier, ground)
    for ref in spec.inners("imagePullSecrets"):
        yield from of_secret(resource, ref.text("name"), ref.field("name"), place, carrier, ground)
    texts |= _searched(spec.inner("dnsConfig"))
    annotations = metadata.inner("annotations")
    texts |= {annotations.field(name): annotations.text(name) for name in annotations if not annotations.unknown(name)}
    for alias in spec.inners("hostAliases"):
        yield resource.breach("it gives another address a name of its own choice", _FENCED, alias.field("ip"))
    yield from ground.reach.claims(carrier, texts, resource.origin)


def _whose(resource: Observed, metadata: Properties, place: Place) -> Generator[Claim, None, tuple[str, ...]]:
    """Says to whom the pods belong; returns the contexts that they act for."""
    said = metadata.inner("labels")
    own = resource.properties.inner("metadata").inner("labels")
    if labels.TEAM not in said and labels.TEAM not in own:
        raise Unreadable(said.field(labels.TEAM), "nobody says whose it is", _LABEL)
    team = said.text(labels.TEAM) if labels.TEAM in said else own.text(labels.TEAM)
    annotated = metadata.inner("annotations").text(labels.CONTEXTS, "")
    contexts = tuple(dict.fromkeys((*place.contexts, *filter(None, annotated.split(",")))))
    yield WorkloadClaim(place.name, team, contexts, resource.origin(said.field(labels.TEAM)))
    return contexts


def _named_like_ours(resource: Observed, metadata: Properties, ground: Ground) -> Iterator[Claim]:
    said = metadata.inner("labels")
    for label in labels.ROLES:
        if label in said:
            name = said.text(label)
            known = name in ground.workloads or name in ground.servers or name in ground.poolers
            whose = f"`{name}`, whose traffic and rights it would get" if known else "what the plan does not have"
            yield resource.breach(f"it is labelled as {whose}", _OWN_NAME, said.field(label))
    for label in said:
        if label.startswith(STRIMZI):
            yield resource.breach(
                "it is labelled as what an operator runs, whose traffic it would get", _OWN_NAME, said.field(label)
            )


def _on_the_host(resource: Observed, spec: Properties) -> Iterator[Claim]:
    for name in _HOST:
        if spec.flag(name):
            yield resource.breach("it is outside of every fence, on the node itself", _FENCED, spec.field(name))
    if "resourceClaims" in spec:
        yield resource.breach("it is given devices of the node", _FENCED, spec.field("resourceClaims"))
    for name in ("nodeName", "runtimeClassName", "schedulerName"):
        if name in spec and spec.text(name) != "default-scheduler":
            yield resource.breach("it goes round what decides where and how pods run", _FENCED, spec.field(name))


def _account(resource: Observed, spec: Properties, place: Place, ground: Ground) -> Iterator[Claim]:
    for name in ("serviceAccountName", "serviceAccount"):
        if name in spec and ground.is_operators_account(place.namespace, spec.text(name)):
            yield resource.breach("it runs as the account of a server, which an operator trusts", _FENCED, spec.field(name))
    if spec.flag("automountServiceAccountToken"):
        yield resource.breach(
            "it may speak to the cluster's API, which is above every fence",
            _FENCED,
            spec.field("automountServiceAccountToken"),
        )


def _powers(resource: Observed, container: Properties) -> Iterator[Claim]:
    security = container.inner("securityContext")
    for name in ("privileged", "allowPrivilegeEscalation"):
        if security.flag(name):
            yield resource.breach("it could become whatever it likes on the node", _FENCED, security.field(name))
    if security.inner("capabilities").texts("add"):
        yield resource.breach("it is given powers of the node", _FENCED, security.inner("capabilities").field("add"))
    for port in container.inners("ports"):
        if "hostPort" in port and port.number("hostPort"):
            yield resource.breach("it is reached by way of the node, past every policy", _FENCED, port.field("hostPort"))


def _texts(container: Properties) -> dict[str, str]:
    """Every text of a container, by field."""
    texts = {container.field("workingDir"): container.text("workingDir", "")}
    for name in ("command", "args"):
        texts |= {f"{container.field(name)}[{index}]": word for index, word in enumerate(container.texts(name))}
    for variable in container.inners("env"):
        if "value" in variable:
            texts[f"{container.field('env')}.{variable.text('name')}"] = variable.text("value")
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        texts |= _of_handler(container.inner(probe))
    for moment in ("postStart", "preStop"):
        texts |= _of_handler(container.inner("lifecycle").inner(moment))
    return texts


def _searched(settings: Properties) -> dict[str, str]:
    """Where names are looked for: in whose namespace, where one of a single word is meant."""
    return {settings.field("searches"): " ".join(settings.texts("searches"))}


def _of_handler(handler: Properties) -> dict[str, str]:
    command = handler.inner("exec")
    texts = {f"{command.field('command')}[{index}]": word for index, word in enumerate(command.texts("command"))}
    for kind in ("httpGet", "tcpSocket"):
        inner = handler.inner(kind)
        if "host" in inner:
            texts[inner.field("host")] = inner.text("host")
    return texts


def _held(resource: Observed, container: Properties, place: Place, carrier: Carrier, ground: Ground) -> Iterator[Claim]:
    """What a container gets out of Secrets."""
    for source in container.inners("envFrom"):
        if "secretRef" in source:
            ref = source.inner("secretRef")
            yield from of_secret(resource, ref.text("name"), ref.field("name"), place, carrier, ground)
    for variable in container.inners("env"):
        ref = variable.inner("valueFrom").inner("secretKeyRef")
        if "name" in ref:
            yield from of_secret(resource, ref.text("name"), ref.field("name"), place, carrier, ground)


def _volumes(resource: Observed, spec: Properties, place: Place, carrier: Carrier, ground: Ground) -> Iterator[Claim]:
    for volume in spec.inners("volumes"):
        if "persistentVolumeClaim" in volume:
            yield from _claimed(resource, volume.inner("persistentVolumeClaim"), place, carrier, ground)
        elif strange := sorted(set(volume) - _HARMLESS_VOLUMES):
            yield resource.breach(
                "it reaches storage that the plan does not know, or the node itself", _FENCED, volume.field(strange[0])
            )
        if "secret" in volume:
            ref = volume.inner("secret")
            yield from of_secret(resource, ref.text("secretName"), ref.field("secretName"), place, carrier, ground)
        if "ephemeral" in volume:
            yield from _storage(resource, volume.inner("ephemeral").inner("volumeClaimTemplate").inner("spec"))
        for source in volume.inner("projected").inners("sources"):
            if "secret" in source:
                ref = source.inner("secret")
                yield from of_secret(resource, ref.text("name"), ref.field("name"), place, carrier, ground)
            elif strange := sorted(set(source) - _HARMLESS_SOURCES):
                yield resource.breach("it may speak to the cluster's API", _FENCED, source.field(strange[0]))


def _claimed(resource: Observed, claim: Properties, place: Place, carrier: Carrier, ground: Ground) -> Iterator[Claim]:
    """Who mounts a server's volume has all that is in it."""
    name = claim.text("claimName")
    server = ground.server_of_volume(place.namespace, name)
    if server:
        field = claim.field("claimName")
        yield resource.breach(
            f"it mounts the volume of server `{server.name}`, past all that the server asks", _VARIABLES, field
        )
        for store in ground.stores_in(server):
            yield from (AccessClaim(who, store.name, "write", resource.origin(field)) for who in carrier.names)
    elif ("kubernetes:core/v1:PersistentVolumeClaim", place.namespace, name) in ground.objects:
        field = claim.field("claimName")
        yield resource.breach(f"it mounts the volume `{name}` of a server, past all that the server asks", _VARIABLES, field)


def _storage(resource: Observed, spec: Properties) -> Iterator[Claim]:
    for name in ("volumeName", "dataSource", "dataSourceRef", "selector"):
        if name in spec:
            yield resource.breach("it takes over storage that is there already", _FENCED, spec.field(name))


def of_secret(  # noqa: PLR0913, PLR0917 - all that a reference to a Secret says
    resource: Observed, name: str, field: str, place: Place, carrier: Carrier, ground: Ground
) -> Iterator[Claim]:
    """What who is given a planned Secret may do with it."""
    manifest = ground.objects.get(("kubernetes:core/v1:Secret", place.namespace, name))
    if not manifest and (place.namespace, name) not in ground.secrets_of_operators:
        return
    workload = ground.workloads.get(name.removesuffix("--env")) if name.endswith("--env") else None
    if workload is None:
        yield resource.breach("it is given the secret of an administrator", _VARIABLES, field)
        return
    origin = resource.origin(field)
    for context in workload.contexts:
        if context in carrier.contexts:
            continue
        for who in carrier.names:
            yield from (AccessClaim(who, store.name, "write", origin) for store in ground.plan.datastores_of(context))
            user = ground.plan.broker_user(context)
            yield from (GrantClaim(who, "consume", item, origin) for item in (user.consumes_from if user else ()))
    if not workload.contexts and carrier.name != workload.name:
        yield resource.breach(f"it is given the tokens of `{workload.name}`", _VARIABLES, field)
