"""A server as a container on a machine: the same programs, files and settings as on a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.inside import task_of
from components.kubernetes.manifest import Hidden, digest, secret
from components.kubernetes.servers import KINDS
from components.kubernetes.servers.kind import DATA, FILES, PASSWORD, Kind
from components.kubernetes.servers.pod import KNOWN, PASSWD
from components.vm import containers
from components.vm.containers import WHO, Mount, volume_at
from components.vm.declared import Declared, From, Woven
from components.vm.site import MACHINE, Site
from plat.kubernetes import labels
from plat.kubernetes.pods import USER
from plat.plan.model import SecretRef, Server

_INSIDE = "Inside"
_PREPARED = f'/bin/sh {FILES}/prepare.sh && exec "$@"'


def of_server(site: Site, server: Server) -> Sequence[Declared]:
    """Everything of `server`: the last one is there when all that the plan has inside of it is."""
    kind = KINDS[server.kind]
    image = containers.image(site, site.fleet.images[server.kind], server, f"{server.name}--image")
    plats = containers.image(site, site.fleet.images["plat"], server, f"{server.name}--plat")
    network = containers.network(site, server)
    texts: dict[str, str | Hidden] = {PASSWORD: secret(server.admin_secret), "prepare.sh": kind.prepare(server), KNOWN: PASSWD}
    texts |= kind.files(server)
    files = _volume(site, server, f"{server.name}--files")
    filled = _content(site, server, files, texts)
    data, owned = _data(site, server)
    running = containers.container(
        site,
        server,
        image,
        network,
        ["/bin/sh", "-c", _PREPARED, "--", *kind.command(server)],
        memory=kind.memory,
        environment=kind.environment(server),
        asks=_asks(kind, server),
        ports=[server.port],
        grace=kind.grace,
        mounts=[volume_at(files, FILES), volume_at(data, DATA, writable=True), _known_users(files)],
        after=[filled, owned],
        # It reads files as it starts: others' content, another container.
        labels={labels.SECRETS: digest(_refs(texts))},
    )
    task = task_of(site.plan, server)
    inside = site.own(
        _INSIDE,
        f"{server.name}--inside",
        {
            "container": server.name,
            "image": From(plats, "imageId"),
            "runAs": WHO,
            "document": task.document,
            # Another container may have lost what was inside.
            "triggers": [From(running, "id")],
        },
        server,
        after=[running],
    )
    return [image, plats, network, files, filled, data, owned, running, inside]


def inside_of(server: str) -> tuple[str, str]:
    """The key of what is there when all that a plan has inside of `server` is."""
    return f"{MACHINE}:{_INSIDE}", f"{server}--inside"


def _volume(site: Site, server: Server, name: str, *, holds_data: bool = False) -> Declared:
    inputs = {"name": name, "labels": site.labels(server)}
    return site.put("volume:Volume", name, inputs, server, holds_data=holds_data, outputs=("name", "mountpoint"))


def _known_users(files: Declared) -> Mount:
    """Who is known in the container: some servers start for no user without a name, and Docker mounts no part of a volume."""
    source = Woven((From(files, "mountpoint"),), lambda found: f"{found[0]}/{KNOWN}")
    return {"type": "bind", "source": source, "target": "/etc/passwd", "readOnly": True}


def _content(site: Site, server: Server, volume: Declared, texts: Mapping[str, str | Hidden]) -> Declared:
    """The files of a volume, which its containers' user alone may read."""
    inputs = {"volume": From(volume, "name"), "owner": USER, "files": texts}
    return site.own("VolumeFiles", volume.resource, inputs, server, after=[volume])


def _data(site: Site, server: Server) -> Sequence[Declared]:
    """Where its data are: on a volume that outlives it, or at least its restarts where they need not last."""
    volume = _volume(site, server, server.name, holds_data=server.durability == "persistent")
    # A new volume is root's.
    return [volume, _content(site, server, volume, {})]


def _asks(kind: Kind, server: Server) -> Sequence[str]:
    """Docker knows commands alone; who has none for it is there when the port is open that opens last."""
    probe = kind.asks(server) if kind.asks else {}
    if "exec" in probe:
        command = probe["exec"]["command"]
        return ["CMD", *(str(word) for word in command)] if isinstance(command, list) else ["CMD", str(command)]
    port = server.extra_ports["management"] if "httpGet" in probe else server.port
    return ["CMD", "/bin/bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}"]


def _refs(texts: Mapping[str, str | Hidden]) -> set[SecretRef]:
    return {ref for text in texts.values() if isinstance(text, Hidden) for ref in text.refs}
