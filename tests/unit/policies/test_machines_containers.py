"""Containers on machines: those of the plan just as planned, and those that somebody adds without a way of their own."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from plat.kubernetes import labels
from policies.machines import CONTAINER
from policies.observed import UNKNOWN
from tests.unit.policies.machines import CUSTOMS, PORT, Found, Harbour, Inputs, container, whose
from tests.unit.policies.resources import BREACH, DEPLOYABLE, NONE, OWNERSHIP, RIGHT, UNREADABLE

By = Callable[[Harbour], Inputs]
DATA = "berths--postgresql"


def given(*contexts: str, **inputs: Any) -> By:  # noqa: ANN401 - any input
    return lambda _: container("port-team", *(contexts or ("berths",)), **inputs)


def published(number: int | str, **port: Any) -> By:  # noqa: ANN401 - any input
    def made(harbour: Harbour) -> Inputs:
        external = harbour.port_of(number) if isinstance(number, str) else number
        return container(ports=[{"internal": 80, "external": external, "ip": harbour.machine(PORT).address, **port}])

    return made


def in_variable(text: str, *contexts: str) -> By:
    """A container with a text, in which names of servers and workloads in braces stand for where they are."""

    def made(harbour: Harbour) -> Inputs:
        plan = harbour.ground.plan
        words = {server.name.replace("-", "_"): f"{server.host}:{server.port}" for server in plan.servers}
        words |= {workload.name: f"{workload.host}:{workload.port}" for workload in plan.workloads}
        return container("port-team", *(contexts or ("berths",)), envs=[f"X={text.format(**words)}"])

    return made


HARMLESS: dict[str, By] = {
    "of its own": given(),
    "for no context": lambda _: container(labels=whose("port-team")),
    "with its own context's database": in_variable("postgresql://berths@{berths__postgresql}/berths"),
    "that calls what its context may call": in_variable("http://{berths}/", "cranes"),
    "with volumes of its own": given(
        mounts=[
            {"type": "volume", "source": "by-hand", "target": "/data", "readOnly": False},
            {"type": "volume", "source": "by-hand--cache", "target": "/cache"},
            {"type": "tmpfs", "target": "/scratch"},
        ],
        volumes=[{"volumeName": "by-hand--more", "containerPath": "/more"}],
    ),
    "without any network": given(networkMode="none", networksAdvanced=[]),
    "with a port of its own at its machine's address": published(8123),
    "with a port on loopback": published(8123, ip="127.0.0.1"),
    "with a file": given(uploads=[{"file": "/etc/greeting", "content": "hello"}]),
    "as Docker's provider completes it": given(
        containerReadRefreshTimeoutMilliseconds=15000, mustRun=True, removeVolumes=True, start=True, waitTimeout=60,
        networkMode="bridge", restart="always", hosts=[], privileged=False, logDriver="json-file",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HARMLESS)
def test_a_container_that_opens_no_way_may_be_added(harbour: Harbour, case: str) -> None:
    assert harbour.found(harbour.by_hand(CONTAINER, HARMLESS[case](harbour))) == NONE


EVASIONS: dict[str, tuple[By, Found, str]] = {
    "without an owner": (given(labels=[]), [(UNREADABLE, "labels")], "nobody says whose it is"),
    "of another team": (
        lambda _: container("customs-team", "customs"),
        [(BREACH, "")],
        "it is customs-team's, and the machine `harbour--team--port-team` is port-team's",
    ),
    "that says that it carries another team's context": (
        lambda _: container("port-team", "berths", "customs"),
        [(DEPLOYABLE, "labels")],
        "crosses the ownership of teams",
    ),
    "that says that it is a part of another context": (
        given(labels=whose("port-team", "berths", **{labels.UNIT: "cranes"})),
        [(BREACH, "labels")],
        "it says that it is a part of `cranes`",
    ),
    "labelled as a server": (
        given(labels=whose("port-team", "berths", **{labels.NAME: DATA})),
        [(BREACH, "labels")],
        f"it is labelled as `{DATA}`, which is planned",
    ),
    "by the name of a deployable that is elsewhere": (
        given(name="pilots", networksAdvanced=[{"name": "pilots"}]),
        [(BREACH, "name")],
        "`pilots` is a server or a deployable of the plan",
    ),
    "by a planned name with a slash, as Docker writes it": (
        given(name="/berths", networksAdvanced=[{"name": "berths"}]),
        [(BREACH, "name")],
        "`berths` is a server or a deployable of the plan",
    ),
    "by a name that is like those of the plan's parts": (
        given(name="by--hand", networksAdvanced=[{"name": "by--hand"}]),
        [(BREACH, "name")],
        "its volumes would be somebody's",
    ),
    "without a name that is known": (given(name=UNKNOWN), [(UNREADABLE, "name")], "it is not known before the update"),
    "privileged": (given(privileged=True), [(BREACH, "privileged")], "whatever it likes on the machine"),
    "with powers": (
        given(capabilities={"adds": ["NET_ADMIN"], "drops": ["ALL"]}),
        [(BREACH, "capabilities.adds")],
        "it is given powers of the machine",
    ),
    "with the powers that Docker gives by itself": (
        given(capabilities={}),
        [(BREACH, "capabilities.drops")],
        "it keeps powers that it does not need",
    ),
    "without seccomp": (
        given(securityOpts=["no-new-privileges:true", "seccomp=unconfined"]),
        [(BREACH, "securityOpts")],
        "it changes what fences it",
    ),
    "that may gain privileges": (given(securityOpts=[]), [(BREACH, "securityOpts")], "it may gain privileges"),
    "that takes back what it says": (
        given(securityOpts=["no-new-privileges:true", "no-new-privileges:false"]),
        [(BREACH, "securityOpts")],
        "it changes what fences it",
    ),
    "as root": (given(user="0:0"), [(BREACH, "user")], "nobody can tell that it is not root"),
    "as root by name": (given(user="root"), [(BREACH, "user")], "nobody can tell that it is not root"),
    "as whom its image says": (given(user=""), [(BREACH, "user")], "nobody can tell that it is not root"),
    "that can write to what it runs": (given(readOnly=False), [(BREACH, "readOnly")], "it can change what it runs"),
    "without a limit": (given(memory=0), [(BREACH, "memory")], "it can take all memory of the machine"),
    "with swap without a limit": (given(memorySwap=-1), [(BREACH, "memory")], "it can take all memory of the machine"),
    "among the machine's processes": (given(pidMode="host"), [(BREACH, "pidMode")], "processes that are not its own"),
    "among another container's processes": (
        given(pidMode=f"container:{DATA}"),
        [(BREACH, "pidMode")],
        "processes that are not its own",
    ),
    "with the machine's memory": (given(ipcMode="host"), [(BREACH, "ipcMode")], "it shares memory"),
    "with memory that others join": (given(ipcMode="shareable"), [(BREACH, "ipcMode")], "it shares memory"),
    "as the machine's users": (given(usernsMode="host"), [(BREACH, "usernsMode")], "it is root on the machine"),
    "in the machine's control groups": (given(cgroupnsMode="host"), [(BREACH, "cgroupnsMode")], "it shares memory or limits"),
    "below another control group": (given(cgroupParent="/docker"), [(BREACH, "cgroupParent")], "it is counted among others"),
    "with a device": (
        given(devices=[{"hostPath": "/dev/vdb"}]),
        [(BREACH, "devices")],
        "it is given devices of the machine",
    ),
    "with graphics processors": (given(gpus="all"), [(BREACH, "gpus")], "it is given devices of the machine"),
    "with another runtime": (given(runtime="other"), [(BREACH, "runtime")], "it goes round what fences containers"),
    "with settings of the kernel": (
        given(sysctls={"net.ipv4.ip_forward": "1"}),
        [(BREACH, "sysctls")],
        "it changes what the kernel does",
    ),
    "in groups of the machine": (given(groupAdds=["docker"]), [(BREACH, "groupAdds")], "it is in groups"),
    "with a property that nobody knows": (
        given(newest="yes"),
        [(UNREADABLE, "newest")],
        "no observer of the policy pack knows what it does",
    ),
    "in the machine's network": (
        given(networkMode="host", networksAdvanced=[]),
        [(BREACH, "networkMode")],
        "outside of every fence, in the machine's own network",
    ),
    "in another container's network": (
        given(networkMode="container:cranes", networksAdvanced=[]),
        [(BREACH, "networkMode")],
        "it is in the network of another container",
    ),
    "in a planned network by its mode": (
        given(networkMode="berths", networksAdvanced=[]),
        [(BREACH, "networkMode")],
        "it is in the network of `berths`, by which the firewall lets that one through",
    ),
    "in another context's network": (
        given(networksAdvanced=[{"name": "by-hand"}, {"name": "cranes"}]),
        [(BREACH, "networksAdvanced[1].name")],
        "it is in the network of `cranes`, by which the firewall lets that one through",
    ),
    "in its own context's server's network": (
        given(networksAdvanced=[{"name": DATA}]),
        [(BREACH, "networksAdvanced[0].name")],
        f"it is in the network of `{DATA}`",
    ),
    "in a network that others may be in": (
        given(networksAdvanced=[{"name": "shared"}]),
        [(BREACH, "networksAdvanced[0].name")],
        "the network `shared` is not its own",
    ),
    "in the network that all share": (
        given(networksAdvanced=[]),
        [(BREACH, "networksAdvanced")],
        "it is in the network that all share who have none of their own",
    ),
    "at an address of its own choice": (
        given(networksAdvanced=[{"name": "by-hand", "ipv4Address": "172.18.0.2"}]),
        [(BREACH, "networksAdvanced[0].ipv4Address")],
        "it takes an address of its own choice",
    ),
    "linked to another": (given(links=["cranes"]), [(BREACH, "links")], "it is in the network of another container"),
    "with a name for another address": (
        given(hosts=[{"host": "database", "ip": "10.0.0.20"}]),
        [(BREACH, "hosts")],
        "it gives another address a name of its own choice",
    ),
    "at every address": (
        published(8123, ip="0.0.0.0"),  # noqa: S104 - what is refused
        [(BREACH, "ports[0].ip")],
        "it listens beyond the address of its machine",
    ),
    "at no address, which is every one": (
        published(8123, ip=""),
        [(BREACH, "ports[0].ip")],
        "it listens beyond the address of its machine",
    ),
    "at every port": (given(publishAllPorts=True), [(BREACH, "publishAllPorts")], "at ports that nobody chose"),
    "at a port that Docker chooses": (
        published(0),
        [(UNREADABLE, "ports[0].external")],
        "nobody can tell whose port it takes",
    ),
    "at a server's port": (
        published(DATA),
        [(BREACH, "ports[0].external")],
        f"it takes the port of `{DATA}`, and what others tell that one",
    ),
    "at the port of a deployable on another machine": (
        published("customs"),
        [(BREACH, "ports[0].external")],
        "it takes the port of `customs`",
    ),
    "at the port of SSH": (published(22), [(BREACH, "ports[0].external")], "by which the machine is entered"),
    "with Docker's socket": (
        given(mounts=[{"type": "bind", "source": "/var/run/docker.sock", "target": "/s"}]),
        [(BREACH, "mounts[0].source")],
        "whoever has Docker's socket is root on the machine",
    ),
    "with Docker's socket as a volume": (
        given(volumes=[{"hostPath": "/run/docker.sock", "containerPath": "/s"}]),
        [(BREACH, "volumes[0].hostPath")],
        "whoever has Docker's socket is root on the machine",
    ),
    "with Docker's folder": (
        given(mounts=[{"type": "bind", "source": "/var/lib/docker/volumes", "target": "/x", "readOnly": True}]),
        [(BREACH, "mounts[0].source")],
        "it reaches files of the machine itself",
    ),
    "with the machine's settings": (
        given(volumes=[{"hostPath": "/etc", "containerPath": "/x", "readOnly": True}]),
        [(BREACH, "volumes[0].hostPath")],
        "it reaches files of the machine itself",
    ),
    "with a folder that is called a volume": (
        given(volumes=[{"volumeName": "/etc", "containerPath": "/x"}]),
        [(BREACH, "volumes[0].volumeName")],
        "it reaches files of the machine itself",
    ),
    "with another's volumes": (
        given(volumes=[{"fromContainer": DATA}]),
        [(BREACH, "volumes[0].fromContainer")],
        "it mounts whatever another container does",
    ),
    "with another context's data": (
        given("cranes", mounts=[{"type": "volume", "source": DATA, "target": "/x", "readOnly": True}]),
        [(OWNERSHIP, "mounts[0].source"), (BREACH, "mounts[0].source")],
        f"it mounts the volume of server `{DATA}`, past all that the server asks",
    ),
    "with its own context's data, past the server": (
        given(volumes=[{"volumeName": DATA, "containerPath": "/x"}]),
        [(BREACH, "volumes[0].volumeName")],
        f"it mounts the volume of server `{DATA}`",
    ),
    "with the files of a server": (
        given(mounts=[{"type": "volume", "source": f"{DATA}--files", "target": "/x"}]),
        [(BREACH, "mounts[0].source")],
        f"it mounts the volume of server `{DATA}`",
    ),
    "with a volume that others may have": (
        given(mounts=[{"type": "volume", "source": "shared", "target": "/x"}]),
        [(BREACH, "mounts[0].source")],
        "the volume is not its own, so that others mount it",
    ),
    "with a volume made of a folder": (
        given(
            mounts=[
                {
                    "type": "volume",
                    "source": "by-hand",
                    "target": "/x",
                    "volumeOptions": {"driverName": "local", "driverOptions": {"device": "/", "o": "bind", "type": "none"}},
                }
            ]
        ),
        [(BREACH, "mounts[0].volumeOptions.driverName")],
        "it makes a volume of what lies elsewhere",
    ),
    "with a mount whose source is not known": (
        given(mounts=[{"type": "volume", "source": UNKNOWN, "target": "/x"}]),
        [(UNREADABLE, "mounts[0].source")],
        "it is not known before the update",
    ),
    "with a mount of another kind": (
        given(mounts=[{"type": "npipe", "source": "x", "target": "/x"}]),
        [(UNREADABLE, "mounts[0].type")],
        "nobody can tell what it mounts",
    ),
    "with a file of the machine that Pulumi runs on": (
        given(uploads=[{"file": "/x", "source": "/root/.ssh/id_ed25519"}]),
        [(UNREADABLE, "uploads[0].source")],
        "which nobody has read",
    ),
    "with another context's address in a file": (
        lambda harbour: container(
            uploads=[{"file": "/x", "content": f"host = 10.0.0.9:{harbour.port_of('customs--postgresql')}"}]
        ),
        [(OWNERSHIP, "uploads[0].content")],
        "customs--postgresql",
    ),
    "with another context's address in an encoded file": (
        lambda harbour: container(
            uploads=[{"file": "/x", "contentBase64": base64.b64encode(
                f"port={harbour.port_of('customs--postgresql')}".encode()
            ).decode()}]
        ),
        [(OWNERSHIP, "uploads[0].contentBase64")],
        "customs--postgresql",
    ),
    "with another context's database": (
        in_variable("postgresql://customs@{customs__postgresql}/customs"),
        [(OWNERSHIP, "envs.X")],
        "`berths` (port-team) writes to datastore `customs--postgresql`",
    ),
    "with another context's cache, by its port alone": (
        lambda harbour: container(entrypoints=["redis-cli", "-p", str(harbour.port_of("cranes--redis"))]),
        [(OWNERSHIP, "entrypoints[2]")],
        "cranes--redis",
    ),
    "that calls whom its context does not call": (
        in_variable("http://{customs}/"),
        [(RIGHT, "envs.X")],
        "customs",
    ),
    "that calls by its check for health": (
        lambda harbour: container(healthcheck={"tests": ["CMD", "curl", f"http://10.0.0.9:{harbour.port_of('customs')}/"]}),
        [(RIGHT, "healthcheck.tests[2]")],
        "customs",
    ),
    "that reaches an external system which another deployable names": (
        in_variable("https://api.weather.example"),
        [(RIGHT, "envs.X")],
        "weather",
    ),
    "whose variable is not known": (
        given(envs=[UNKNOWN]),
        [(UNREADABLE, "envs[0]")],
        "it is not known before the update",
    ),
    "that sends what it prints away": (
        given(logDriver="gelf", logOpts={"gelf-address": "udp://10.9.9.9:12201"}),
        [(BREACH, "logDriver")],
        "`gelf` sends what it prints to where no relation leads",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EVASIONS)
def test_a_container_that_goes_round_a_fence_is_refused(harbour: Harbour, case: str) -> None:
    make, found, message = EVASIONS[case]
    resource = harbour.by_hand(CONTAINER, make(harbour))

    assert harbour.found(resource) == sorted(found)
    assert message in harbour.messages(resource)


def test_nobody_else_comes_onto_a_machine_for_one_context(harbour: Harbour) -> None:
    other = container("customs-team", labels=whose("customs-team"))
    own = container("customs-team", "customs")

    assert "is for `customs` alone, and it acts for nobody" in harbour.messages(harbour.by_hand(CONTAINER, other, CUSTOMS))
    assert harbour.found(harbour.by_hand(CONTAINER, own, CUSTOMS)) == NONE


CHANGES: dict[str, tuple[Callable[[Inputs], object], str]] = {
    "another image": (lambda found: found.update(image="registry.example/evil:1"), "image"),
    "another program": (lambda found: found.update(entrypoints=["sh"]), "entrypoints"),
    "a command": (lambda found: found.update(command=["x"]), "command"),
    "another variable": (lambda found: found["envs"].append("LD_PRELOAD=/x"), "envs"),
    "another owner": (lambda found: found["labels"].clear(), "labels"),
    "no limit": (lambda found: found.pop("memory"), "memory"),
    "another user": (lambda found: found.update(user="0:0"), "user"),
    "files to write to": (lambda found: found.update(readOnly=False), "readOnly"),
    "powers": (lambda found: found["capabilities"].update(adds=["SYS_ADMIN"]), "capabilities.adds"),
    "other options": (lambda found: found.update(securityOpts=["seccomp=unconfined"]), "securityOpts[0]"),
    "privileges": (lambda found: found.update(privileged=True), "privileged"),
    "every address": (lambda found: found["ports"][0].update(ip="0.0.0.0"), "ports[0].ip"),  # noqa: S104 - what is refused
    "another port": (lambda found: found["ports"].append({"internal": 1, "external": 1}), "ports"),
    "another network": (lambda found: found["networksAdvanced"].append({"name": "cranes"}), "networksAdvanced"),
    "another's network": (lambda found: found["networksAdvanced"][0].update(name="cranes"), "networksAdvanced[0].name"),
    "the machine's network": (lambda found: found.update(networkMode="host"), "networkMode"),
    "the machine's processes": (lambda found: found.update(pidMode="host"), "pidMode"),
    "a name for another address": (lambda found: found.update(hosts=[{"host": "a", "ip": "10.0.0.1"}]), "hosts"),
    "a file": (lambda found: found.update(uploads=[{"file": "/x", "content": "x"}]), "uploads"),
    "a mount": (lambda found: found["mounts"].append({"type": "bind", "source": "/", "target": "/x"}), "mounts"),
    "logs elsewhere": (lambda found: found.update(logDriver="syslog"), "logDriver"),
    "no restart": (lambda found: found.update(restart="no"), "restart"),
    "something that is not known yet": (lambda found: found.update(command=UNKNOWN), "command"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_a_planned_container_is_just_as_planned(harbour: Harbour, case: str) -> None:
    change, field = CHANGES[case]
    changed = harbour.changed(CONTAINER, "berths", change)

    assert harbour.found(changed) == [(BREACH, field)]
    assert "it bears the name of what the landscape plans, and differs from it" in harbour.messages(changed)


def test_a_secret_stands_where_the_plan_has_it_and_in_no_other_text(harbour: Harbour) -> None:
    index = next(
        index
        for index, text in enumerate(harbour.planned(CONTAINER, "berths").properties.plain()["envs"])
        if text.startswith("DATABASE_URL=")
    )

    def elsewhere(found: Inputs) -> None:
        found["envs"][index] = "DATABASE_URL=postgresql://berths:abcdefgh@10.9.9.9:1/berths"

    assert harbour.found(harbour.changed(CONTAINER, "berths", elsewhere)) == [(BREACH, f"envs[{index}]")]


def test_a_planned_name_by_another_resource_takes_nothing_over(harbour: Harbour) -> None:
    planned = harbour.planned(CONTAINER, "berths")
    twin = harbour.by_hand(CONTAINER, container(name="berths", networksAdvanced=[{"name": "berths"}]))

    assert "differs from it" in harbour.messages(twin)
    again = harbour.by_hand(CONTAINER, dict(planned.properties.plain()))
    assert "it manages the very thing that docker:Container `berths` manages" in harbour.messages(planned, again)


def test_the_name_of_what_is_on_another_machine_is_free_for_nobody(harbour: Harbour) -> None:
    moved = harbour.by_hand(CONTAINER, dict(harbour.planned(CONTAINER, "berths").properties.plain()), CUSTOMS)

    assert "`berths` is a server or a deployable of the plan" in harbour.messages(moved)
