"""What a field may not hold: each case breaks one thing of a right descriptor."""

import pytest

from tests.unit.descriptors.parcels import LANDSCAPE, Parcels

S = "shipping.yaml"
L = "landscape.yaml"
M = "monolith.yaml"
NAME, TEAM, STORE, IMAGE = (
    "name: shipping\n",
    "team: shipping-team",
    "  type: postgresql\n",
    "registry.example/shipping-api:1.4.2",
)
SCALING, ENVIRONMENT, COMMAND = "{profile: bursty, min: 2, max: 20}", "{LOG_LEVEL: info}", "[python, -m, shipping.api]"
TEAMS = LANDSCAPE[LANDSCAPE.index("  - {name: shipping-team") : LANDSCAPE.index("platform-team: ")]

# sentence: (file, what it says, what it says instead, the findings)
CASES: dict[str, tuple[str, str, str, list[str]]] = {
    # kinds and versions
    "another version of the format": (S, "plat/v1", "plat/v2", [f"{S}:1:13 not-allowed apiVersion"]),
    "no version of the format": (S, "apiVersion: plat/v1\n", "", [f"{S}:1:1 missing-field apiVersion"]),
    "a kind in lower case": (S, "kind: Context", "kind: context", [f"{S}:2:7 not-allowed kind"]),
    "a kind that there is not": (S, "kind: Context", "kind: Service", [f"{S}:2:7 not-allowed kind"]),
    "a list as kind": (S, "kind: Context", "kind: [Context]", [f"{S}:2:1 not-allowed kind"]),
    "no kind": (S, "kind: Context\n", "", [f"{S}:1:1 missing-field kind"]),
    "neither version nor kind": (S, "apiVersion: plat/v1\nkind: Context\n", "", [f"{S}:1:1 no-descriptor kind"]),
    # fields
    "a misspelt field": (S, "subdomain: core", "subdomian: core", [f"{S}:5:1 unknown-field subdomian"]),
    "a field in capitals": (S, "team: shipping-team", "Team: shipping-team", [f"{S}:4:1 unknown-field Team"]),
    "an unknown field": (S, NAME, NAME + "colour: blue\n", [f"{S}:4:1 unknown-field colour"]),
    "a field of a deployable at the top": (S, NAME, NAME + "image: a\n", [f"{S}:4:1 unknown-field image"]),
    "a field by its name in Python": (S, NAME, NAME + "api_version: plat/v1\n", [f"{S}:4:1 unknown-field api_version"]),
    "a misspelt field of a datastore": (S, STORE, STORE + "  size: 20Gi\n", [f"{S}:9:3 unknown-field datastore.size"]),
    "a misspelt field in a list": (
        S,
        "{event: tracking.ParcelDelivered}",
        "{event: tracking.ParcelDelivered, qeue: a}",
        [f"{S}:24:39 unknown-field consumes[0].qeue"],
    ),
    "no team": (S, "team: shipping-team\n", "", [f"{S}:1:1 context-without-owner team"]),
    "an empty list of teams": (S, "team: shipping-team\n", "team: []\n", [f"{S}:4:1 context-without-owner team"]),
    "two teams": (S, "shipping-team\n", "[shipping-team, pricing-team]\n", [f"{S}:4:1 two-teams-one-context team"]),
    "one team in a list": (S, "team: shipping-team\n", "team: [shipping-team]\n", [f"{S}:4:1 wrong-type team"]),
    "no type of a datastore": (S, STORE, "", [f"{S}:7:1 missing-field datastore.type"]),
    "no image": (S, f"    image: {IMAGE}\n", "", [f"{S}:13:5 missing-field deployables[0].image"]),
    "no operations": (S, ", uses: [GetRateSnapshot]", "", [f"{S}:26:5 missing-field upstreams[0].uses"]),
    # types
    "a number as text": (S, 'version: "16"', "version: 16", [f"{S}:9:12 wrong-type datastore.version"]),
    "a truth value as text": (
        S,
        "purpose: Books a parcel and decides how it travels.",
        "purpose: true",
        [f"{S}:6:10 wrong-type purpose"],
    ),
    "a text as number": (S, "port: 8080", 'port: "8080"', [f"{S}:16:11 wrong-type deployables[0].port"]),
    "a text as truth value": (
        S,
        "{target: vm}",
        "{target: vm, dedicated: 'true'}",
        [f"{S}:10:34 wrong-type runtime.dedicated"],
    ),
    "a text as list": (S, COMMAND, "python -m shipping.api", [f"{S}:15:14 wrong-type deployables[0].command"]),
    "a text as mapping": (S, "{target: vm}", "vm", [f"{S}:10:10 wrong-type runtime"]),
    "a mapping as text": (S, "team: shipping-team", "team: {name: shipping-team}", [f"{S}:4:1 wrong-type team"]),
    "a mapping as list": (S, "consumes:\n  - {", "consumes:\n  {", [f"{S}:23:1 wrong-type consumes"]),
    "a list as mapping": (
        S,
        "exposes:\n  BookParcel: {protocol: http}",
        "exposes: [BookParcel]",
        [f"{S}:19:1 wrong-type exposes"],
    ),
    "a text as datastore": (
        S,
        "datastore:\n" + STORE + '  version: "16"\n',
        "datastore: postgresql\n",
        [f"{S}:7:12 wrong-type datastore"],
    ),
    "a list of texts as datastores": (
        S,
        "datastore:\n" + STORE + '  version: "16"\n',
        "datastore: [postgresql]\n",
        [f"{S}:7:13 wrong-type datastore[0]"],
    ),
    "a number in a command": (S, COMMAND, "[sleep, 60]", [f"{S}:15:22 wrong-type deployables[0].command[1]"]),
    "a number as the value of a variable": (
        S,
        ENVIRONMENT,
        "{RETRIES: 3}",
        [f"{S}:17:28 wrong-type deployables[0].environment.RETRIES"],
    ),
    # numbers
    "replicas as a text": (S, SCALING, '{min: "3"}', [f"{S}:11:16 wrong-type scaling.min"]),
    "replicas as a truth value": (S, SCALING, "{min: true}", [f"{S}:11:16 wrong-type scaling.min"]),
    "replicas with a fraction": (S, SCALING, "{min: 3.0}", [f"{S}:11:16 wrong-type scaling.min"]),
    "negative replicas": (S, SCALING, "{min: -1}", [f"{S}:11:16 out-of-range scaling.min"]),
    "no replicas": (S, SCALING, "{max: 0}", [f"{S}:11:16 out-of-range scaling.max"]),
    "a thousand million replicas": (S, SCALING, "{max: 1000000000}", [f"{S}:11:16 out-of-range scaling.max"]),
    "more digits than a number keeps": (S, SCALING, f"{{max: {'9' * 5000}}}", [f"{S}:11:16 ambiguous-value scaling.max"]),
    "port 0": (S, "port: 8080", "port: 0", [f"{S}:16:11 out-of-range deployables[0].port"]),
    "port 65536": (S, "port: 8080", "port: 65536", [f"{S}:16:11 out-of-range deployables[0].port"]),
    "version 0 of an event": (S, "version: 1,", "version: 0,", [f"{S}:22:27 out-of-range publishes.ParcelBooked.version"]),
    "min above max": (S, SCALING, "{min: 5, max: 2}", [f"{S}:11:16 min-above-max scaling.min"]),
    "a fixed number that is a range": (
        S,
        SCALING,
        "{profile: fixed, min: 2, max: 5}",
        [f"{S}:11:40 contradiction scaling.max"],
    ),
    # names
    "a name with capitals": (S, NAME, "name: Shipping\n", [f"{S}:3:7 malformed-name name"]),
    "a name with an underscore": (S, NAME, "name: ship_ping\n", [f"{S}:3:7 malformed-name name"]),
    "a name with a slash": (S, NAME, "name: ship/ping\n", [f"{S}:3:7 malformed-name name"]),
    "a slash as a name": (S, NAME, "name: /\n", [f"{S}:3:7 malformed-name name"]),
    "a name with two hyphens": (S, NAME, "name: ship--ping\n", [f"{S}:3:7 malformed-name name"]),
    "a name that begins with a digit": (S, NAME, "name: 3shipping\n", [f"{S}:3:7 malformed-name name"]),
    "a name that ends in a hyphen": (S, NAME, "name: shipping-\n", [f"{S}:3:7 malformed-name name"]),
    "a name of 41 characters": (S, NAME, f"name: {'s' * 41}\n", [f"{S}:3:7 too-long name"]),
    "a name of 64 characters": (S, NAME, f"name: {'s' * 64}\n", [f"{S}:3:7 too-long name"]),
    "a name of 60,000 characters": (S, NAME, f"name: {'s' * 60_000}\n", [f"{S}:3:7 too-long name"]),
    "a name with a line break at its end": (S, NAME, 'name: "shipping\\n"\n', [f"{S}:3:7 malformed-name name"]),
    "a name as a block": (S, NAME, "name: |\n  shipping\n", [f"{S}:3:7 malformed-name name"]),
    "a name with a space at its end": (S, NAME, 'name: "shipping "\n', [f"{S}:3:7 malformed-name name"]),
    "an empty name": (S, NAME, 'name: ""\n', [f"{S}:3:7 malformed-name name"]),
    "a name with a Cyrillic letter": (S, NAME, "name: shi\u0440ping\n", [f"{S}:3:7 malformed-name name"]),
    "a name in full width": (S, NAME, "name: \uff53hipping\n", [f"{S}:3:7 malformed-name name"]),
    "a name with Arabic digits": (S, NAME, "name: shipping\u0663\n", [f"{S}:3:7 malformed-name name"]),
    "a team with a Cyrillic letter": (S, TEAM, "team: shipping-te\u0430m", [f"{S}:4:7 malformed-name team"]),
    "the name `default`": (S, NAME, "name: default\n", [f"{S}:3:7 reserved-name name"]),
    "a name of Kubernetes": (S, NAME, "name: kube-system\n", [f"{S}:3:7 reserved-name name"]),
    "the name `postgres`": (S, NAME, "name: postgres\n", [f"{S}:3:7 reserved-name name"]),
    "a name of PostgreSQL": (S, NAME, "name: pg-catalog\n", [f"{S}:3:7 reserved-name name"]),
    "a template of PostgreSQL": (S, NAME, "name: template1\n", [f"{S}:3:7 reserved-name name"]),
    "a name of RabbitMQ": (S, NAME, "name: amq-direct\n", [f"{S}:3:7 reserved-name name"]),
    "the name `guest`": (S, NAME, "name: guest\n", [f"{S}:3:7 reserved-name name"]),
    "the name `platform`": (S, NAME, "name: platform\n", [f"{S}:3:7 reserved-name name"]),
    "a reserved name of a deployable": (
        S,
        "name: shipping-api",
        "name: root",
        [f"{S}:13:11 reserved-name deployables[0].name"],
    ),
    "a reserved name of a datastore": (S, STORE, STORE + "  name: postgres\n", [f"{S}:9:9 reserved-name datastore.name"]),
    "a reserved name of a landscape": (L, "name: parcels", "name: plat", [f"{L}:3:7 reserved-name name"]),
    "an event in lower case": (S, "  ParcelBooked:", "  parcelBooked:", [f"{S}:22:3 malformed publishes.parcelBooked"]),
    "an operation with a hyphen": (S, "  BookParcel:", "  Book-Parcel:", [f"{S}:20:3 malformed exposes.Book-Parcel"]),
    # values
    "a misspelt choice": (S, STORE, "  type: postgres\n", [f"{S}:8:9 not-allowed datastore.type"]),
    "a choice that there is not": (S, "subdomain: core", "subdomain: vital", [f"{S}:5:12 not-allowed subdomain"]),
    "ACL instead of its full name": (
        S,
        "[GetRateSnapshot]}",
        "[GetRateSnapshot], pattern: acl}",
        [f"{S}:26:58 not-allowed upstreams[0].pattern"],
    ),
    "a pattern that calls for no relation": (
        S,
        "[GetRateSnapshot]}",
        "[GetRateSnapshot], pattern: big-ball-of-mud}",
        [f"{S}:26:58 not-allowed upstreams[0].pattern"],
    ),
    "a size in other units": (S, STORE, STORE + "  storage: 20GB\n", [f"{S}:9:12 malformed datastore.storage"]),
    "a size of nothing": (S, STORE, STORE + "  storage: 0Gi\n", [f"{S}:9:12 malformed datastore.storage"]),
    "a duration in words": (
        S,
        "retention: 7d",
        "retention: 7 days",
        [f"{S}:22:41 malformed publishes.ParcelBooked.retention"],
    ),
    "a version in words": (S, 'version: "16"', "version: latest", [f"{S}:9:12 malformed datastore.version"]),
    "an image with a space": (S, IMAGE, "shipping api", [f"{S}:14:12 malformed deployables[0].image"]),
    "an image in capitals": (S, IMAGE, "Shipping", [f"{S}:14:12 malformed deployables[0].image"]),
    "an image as a URL": (S, IMAGE, "https://registry.example/a", [f"{S}:14:12 malformed deployables[0].image"]),
    "an empty purpose": (S, "Books a parcel and decides how it travels.", "' '", [f"{S}:6:10 blank purpose"]),
    "a purpose of 1001 characters": (
        S,
        "Books a parcel and decides how it travels.",
        "x" * 1001,
        [f"{S}:6:10 too-long purpose"],
    ),
    "a host as a URL": (
        L,
        "host: api.carrier.example",
        "host: https://api.carrier.example",
        [f"{L}:11:27 malformed externals[0].host"],
    ),
    "a host with a port": (
        L,
        "host: api.carrier.example",
        "host: api.carrier.example:80",
        [f"{L}:11:27 malformed externals[0].host"],
    ),
    "a host as an address": (L, "host: api.carrier.example", "host: 10.0.0.1", [f"{L}:11:27 malformed externals[0].host"]),
    "a host with a wildcard": (
        L,
        "host: api.carrier.example",
        'host: "*.example"',
        [f"{L}:11:27 malformed externals[0].host"],
    ),
    "a contact that is no address": (L, "pricing@parcels.example", "pricing", [f"{L}:6:35 malformed teams[1].contact"]),
    "an event without its context": (
        S,
        "tracking.ParcelDelivered",
        "ParcelDelivered",
        [f"{S}:24:13 malformed consumes[0].event"],
    ),
    "an event with a wildcard": (S, "tracking.ParcelDelivered", "'tracking.*'", [f"{S}:24:13 malformed consumes[0].event"]),
    "a queue of RabbitMQ's own": (
        S,
        ".ParcelDelivered",
        ".ParcelDelivered, queue: amq.gen",
        [f"{S}:24:46 malformed consumes[0].queue"],
    ),
    "a queue with a wildcard": (
        S,
        ".ParcelDelivered",
        ".ParcelDelivered, queue: 'a*'",
        [f"{S}:24:46 malformed consumes[0].queue"],
    ),
    "an empty command": (S, COMMAND, "[]", [f"{S}:15:5 too-few deployables[0].command"]),
    "an empty argument": (S, COMMAND, "[python, '']", [f"{S}:15:23 blank deployables[0].command[1]"]),
    "a command of 65 arguments": (S, COMMAND, f"[{', '.join('a' * 65)}]", [f"{S}:15:5 too-many deployables[0].command"]),
    "no teams": (L, f"teams:\n{TEAMS}", "teams: []\n", [f"{L}:4:1 too-few teams"]),
    "an argument of 1025 characters": (S, COMMAND, f"[{'a' * 1025}]", [f"{S}:15:15 too-long deployables[0].command[0]"]),
    "teams as texts": (
        L,
        f"teams:\n{TEAMS}",
        "teams: [shipping-team, pricing-team]\n",
        [f"{L}:4:9 wrong-type teams[0]", f"{L}:4:24 wrong-type teams[1]"],
    ),
    "a list as a name": (S, NAME, "name: [shipping]\n", [f"{S}:3:1 wrong-type name"]),
    "a tag on a mapping that is wrong besides": (S, "{target: vm}", "!!map {target: moon}", [f"{S}:10:10 tag runtime"]),
    # paths
    "a path that leaves the landscape": (
        S,
        "{protocol: http}",
        "{spec: ../../etc/passwd}",
        [f"{S}:20:22 malformed exposes.BookParcel.spec"],
    ),
    "a path from the root": (S, "{protocol: http}", "{spec: /etc/passwd}", [f"{S}:20:22 malformed exposes.BookParcel.spec"]),
    "a path with dots in the middle": (
        S,
        "{protocol: http}",
        "{spec: apis/../a.json}",
        [f"{S}:20:22 malformed exposes.BookParcel.spec"],
    ),
    "a path with backslashes": (
        S,
        "{protocol: http}",
        "{spec: 'apis\\a.json'}",
        [f"{S}:20:22 malformed exposes.BookParcel.spec"],
    ),
    "a hidden file": (S, "{protocol: http}", "{spec: .git/config}", [f"{S}:20:22 malformed exposes.BookParcel.spec"]),
    # literals
    "a value with ${...}": (S, ENVIRONMENT, "{A: '${HOME}'}", [f"{S}:17:22 not-literal deployables[0].environment.A"]),
    "a value with $(...)": (S, ENVIRONMENT, "{A: 'x$(id)'}", [f"{S}:17:22 not-literal deployables[0].environment.A"]),
    "a value with {{...}}": (S, ENVIRONMENT, "{A: '{{ secrets }}'}", [f"{S}:17:22 not-literal deployables[0].environment.A"]),
    "an argument with $(...)": (S, COMMAND, "[sh, -c, 'echo $(id)']", [f"{S}:15:23 not-literal deployables[0].command[2]"]),
    "a variable in lower case": (S, ENVIRONMENT, "{path: x}", [f"{S}:17:19 malformed deployables[0].environment.path"]),
    "a variable with an equals sign": (S, ENVIRONMENT, "{'A=B': x}", [f"{S}:17:19 malformed deployables[0].environment.A=B"]),
    "a variable that is derived": (
        S,
        ENVIRONMENT,
        "{DATABASE_URL: x}",
        [f"{S}:17:19 reserved-variable deployables[0].environment.DATABASE_URL"],
    ),
    "a variable of Plat": (
        S,
        ENVIRONMENT,
        "{PLAT_TEAM: x}",
        [f"{S}:17:19 reserved-variable deployables[0].environment.PLAT_TEAM"],
    ),
    "a variable of the dynamic linker": (
        S,
        ENVIRONMENT,
        "{LD_PRELOAD: x}",
        [f"{S}:17:19 reserved-variable deployables[0].environment.LD_PRELOAD"],
    ),
    # contradictions
    "a dedicated machine on Kubernetes": (
        S,
        "{target: vm}",
        "{dedicated: true}",
        [f"{S}:10:22 contradiction runtime.dedicated"],
    ),
    "fields beside datastore none": (S, STORE, "  type: none\n", [f"{S}:9:12 contradiction datastore.version"]),
    "a schema in Redis": (
        S,
        STORE,
        "  type: redis\n  isolation: schema\n",
        [f"{S}:9:14 contradiction datastore.isolation"],
    ),
    "a pooler for Redis": (
        S,
        STORE,
        "  type: redis\n  pooling: session\n",
        [f"{S}:9:12 contradiction datastore.pooling"],
    ),
    "a way of pooling that there is not": (
        S,
        STORE,
        STORE + "  pooling: statement\n",
        [f"{S}:9:12 not-allowed datastore.pooling"],
    ),
    "none beside a datastore": (
        "pricing.yaml",
        "{type: redis}",
        "{type: none}",
        ["pricing.yaml:7:40 contradiction datastore[1].type"],
    ),
    "two datastores of one type and name": (
        "pricing.yaml",
        "{type: redis}",
        "{type: postgresql}",
        ["pricing.yaml:7:33 contradiction datastore[1]"],
    ),
    # repetitions
    "a team twice": (L, "{name: pricing-team,", "{name: shipping-team,", [f"{L}:6:12 duplicate-item teams[1].name"]),
    "an operation twice": (
        S,
        "[GetRateSnapshot]",
        "[GetRateSnapshot, GetRateSnapshot]",
        [f"{S}:26:48 duplicate-item upstreams[0].uses[1]"],
    ),
    "a consumption twice": (
        S,
        "  - {event: tracking.ParcelDelivered}\n",
        "  - {event: tracking.ParcelDelivered}\n" * 2,
        [f"{S}:25:13 duplicate-item consumes[1].event"],
    ),
    "an upstream twice": (
        S,
        "  - {context: pricing, uses: [GetRateSnapshot]}\n",
        "  - {context: pricing, uses: [GetRateSnapshot]}\n" * 2,
        [f"{S}:27:15 duplicate-item upstreams[1].context"],
    ),
    "a host twice": (M, "[tracking]", "[tracking, tracking]", [f"{M}:6:19 duplicate-item hosts[1]"]),
    "repetitions beside another error": (
        S,
        "  - {event: tracking.ParcelDelivered}\n",
        "  - {event: a.B, version: x}\n  - {event: a.B}\n",
        [f"{S}:24:27 wrong-type consumes[0].version", f"{S}:25:13 duplicate-item consumes[1].event"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_is_refused(parcels: Parcels, case: str) -> None:
    file, old, new, expected = CASES[case]
    assert parcels.change(file, old, new).found() == expected


# sentence: (file, what it says, what it may say as well)
RIGHT: dict[str, tuple[str, str, str]] = {
    "an image with port, digest and folders": (S, IMAGE, f"registry.example:5000/a/b_c/d-e:1.4.2@sha256:{'0' * 64}"),
    "an image without registry and tag": (S, IMAGE, "shipping"),
    "quotes and SQL in a value": (S, ENVIRONMENT, """{A: "'; DROP TABLE orders; --", B: '"', C: "$HOME", D: ""}"""),
    "an emoji in a purpose": (S, "Books a parcel and decides how it travels.", "Books \U0001f4e6 für Zürich."),
    "a purpose over several lines": (
        S,
        "Books a parcel and decides how it travels.",
        "|\n  Books a parcel.\n  Decides how it travels.",
    ),
    "a name of 40 characters": (S, "name: shipping-api", f"name: {'a' * 40}"),
    "a dedicated machine": (S, "{target: vm}", "{target: vm, dedicated: true}"),
    "a schema in PostgreSQL": ("tracking.yaml", "publishes:", "datastore: {type: postgresql, isolation: schema}\npublishes:"),
    "a pooled datastore": (S, STORE, STORE + "  pooling: transaction\n"),
    "an ephemeral datastore": (S, STORE, STORE + "  durability: ephemeral\n  storage: 512Mi\n"),
    "a role and a pattern of a consumer": (
        S,
        ".ParcelDelivered",
        ".ParcelDelivered, from-role: customer, pattern: conformist",
    ),
    "a version in three parts": (S, '"16"', '"16.4.1"'),
    "a URL without credentials": (S, ENVIRONMENT, "{VENDOR: 'https://api.carrier.example:8443/v1?a=b@c'}"),
    "a broker of a team": (L, "broker: {type: rabbitmq}", "broker: {type: kafka, team: platform-team}"),
    "no platform team": (L, "platform-team: platform-team\n", ""),
    "a team called platform": (L, "- {name: platform-team, type: platform}", "- {name: platform-team}\n  - {name: platform}"),
}


@pytest.mark.parametrize("case", RIGHT)
def test_is_right(parcels: Parcels, case: str) -> None:
    file, old, new = RIGHT[case]
    assert parcels.change(file, old, new).found() == []
