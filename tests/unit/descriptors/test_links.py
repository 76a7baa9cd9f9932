"""What descriptors may not say of each other: each case breaks one thing of a right landscape."""

from pathlib import Path

import pytest

from tests.unit.descriptors.parcels import Parcels, brief

S, L, M, P, T = "shipping.yaml", "landscape.yaml", "monolith.yaml", "pricing.yaml", "tracking.yaml"
CONSUMES, UPSTREAM = "{event: tracking.ParcelDelivered}", "{context: pricing, uses: [GetRateSnapshot]}"
PURPOSE = "purpose: Books a parcel and decides how it travels.\n"

# sentence: (file, what it says, what it says instead, the findings)
CASES: dict[str, tuple[str, str, str, list[str]]] = {
    # owners
    "a misspelt team": (S, "team: shipping-team", "team: shiping-team", [f"{S}:4:7 unknown-team team"]),
    "a team of a deployable that there is not": (
        S,
        "    port: 8080",
        "    team: ghosts\n    port: 8080",
        [f"{S}:16:11 unknown-team deployables[0].team"],
    ),
    "a platform team that there is not": (
        L,
        "platform-team: platform-team",
        "platform-team: plattform-team",
        [f"{L}:8:16 unknown-team platform-team"],
    ),
    "a team of the broker that there is not": (
        L,
        "{type: rabbitmq}",
        "{type: rabbitmq, team: brokers}",
        [f"{L}:9:32 unknown-team broker.team"],
    ),
    "an external system that there is not": (
        S,
        "[carrier]",
        "[carier]",
        [f"{S}:18:17 unknown-external deployables[0].externals[carier]"],
    ),
    # calls
    "a call of a context that there is not": (
        S,
        "context: pricing",
        "context: prices",
        [f"{S}:26:15 unknown-context upstreams[prices].context"],
    ),
    "a call of an operation that there is not": (
        S,
        "[GetRateSnapshot]",
        "[GetRate]",
        [f"{S}:26:31 unknown-operation upstreams[pricing].uses[GetRate]"],
    ),
    "a call of who exposes nothing": (
        S,
        UPSTREAM,
        "{context: tracking, uses: [Find]}",
        [f"{S}:26:32 unknown-operation upstreams[tracking].uses[Find]"],
    ),
    "a call of oneself": (
        S,
        UPSTREAM,
        "{context: shipping, uses: [BookParcel]}",
        [f"{S}:26:15 self-relation upstreams[shipping].context"],
    ),
    "a call of an entry below deployables": (
        P,
        "exposes:\n",
        "upstreams: [{context: shipping-api, uses: [BookParcel]}]\nexposes:\n",
        [f"{P}:10:23 unknown-context upstreams[shipping-api].context"],
    ),
    "operations without any port": (P, ", port: 80}", "}", [f"{P}:10:1 no-port exposes"]),
    "operations of a deployable without a port": (
        M,
        "port: 8000\n",
        "exposes: {Find: {}}\n",
        [f"{M}:9:1 no-port exposes"],
    ),
    # events
    "an event of a context that there is not": (
        S,
        "tracking.Parcel",
        "traking.Parcel",
        [f"{S}:24:13 unknown-context consumes[traking.ParcelDelivered].event"],
    ),
    "an event that there is not": (
        S,
        "ParcelDelivered",
        "ParcelDeliverd",
        [f"{S}:24:13 unknown-event consumes[tracking.ParcelDeliverd].event"],
    ),
    "a retired event": (S, "ParcelDelivered", "ParcelSeen", [f"{S}:24:13 retired-event consumes[tracking.ParcelSeen].event"]),
    "a deprecated event": (
        S,
        "ParcelDelivered",
        "ParcelLost",
        [f"{S}:24:13 deprecated-event consumes[tracking.ParcelLost].event"],
    ),
    "another version of an event": (
        S,
        "ParcelDelivered}",
        "ParcelDelivered, version: 1}",
        [f"{S}:24:48 event-version consumes[tracking.ParcelDelivered].version"],
    ),
    "an event of one's own": (
        S,
        "tracking.ParcelDelivered",
        "shipping.ParcelBooked",
        [f"{S}:24:13 self-relation consumes[shipping.ParcelBooked].event"],
    ),
    "events without a broker": (
        L,
        "broker: {type: rabbitmq}\n",
        "",
        [f"{S}:21:1 no-broker publishes", f"{S}:23:1 no-broker consumes", f"{T}:7:1 no-broker publishes"],
    ),
    "another consumer's queue": (
        S,
        f"  - {CONSUMES}\n",
        "  - {event: tracking.ParcelDelivered, queue: a}\n  - {event: tracking.ParcelLost, queue: a}\n",
        [f"{S}:25:13 deprecated-event consumes[tracking.ParcelLost].event", f"{S}:25:41 queue-taken consumes[1].queue"],
    ),
    "another consumer's derived queue": (
        S,
        f"  - {CONSUMES}\n",
        f"  - {CONSUMES}\n  - {{event: tracking.ParcelLost, queue: shipping.tracking.ParcelDelivered.v2}}\n",
        [f"{S}:25:13 deprecated-event consumes[tracking.ParcelLost].event", f"{S}:25:41 queue-taken consumes[1].queue"],
    ),
    "another consumer's dead-letter queue": (
        S,
        f"  - {CONSUMES}\n",
        "  - {event: tracking.ParcelDelivered, queue: a}\n  - {event: tracking.ParcelLost, queue: a.dead}\n",
        [f"{S}:25:13 deprecated-event consumes[tracking.ParcelLost].event", f"{S}:25:41 queue-taken consumes[1].queue"],
    ),
    # datastores
    "an access to the datastore of nobody": (
        S,
        PURPOSE,
        PURPOSE + "accesses: [{datastore: prices}]\n",
        [f"{S}:7:24 unknown-context accesses[prices].datastore"],
    ),
    "an access to a datastore that there is not": (
        S,
        PURPOSE,
        PURPOSE + "accesses: [{datastore: tracking}]\n",
        [f"{S}:7:24 unknown-datastore accesses[tracking].datastore"],
    ),
    "an access to another type of datastore": (
        S,
        PURPOSE,
        PURPOSE + "accesses: [{datastore: pricing/mongodb}]\n",
        [f"{S}:7:24 unknown-datastore accesses[pricing/mongodb].datastore"],
    ),
    "an access to one of several datastores": (
        S,
        PURPOSE,
        PURPOSE + "accesses: [{datastore: pricing}]\n",
        [f"{S}:7:24 ambiguous-datastore accesses[pricing].datastore"],
    ),
    "an access to one's own datastore": (
        S,
        PURPOSE,
        PURPOSE + "accesses: [{datastore: shipping}]\n",
        [f"{S}:7:24 self-relation accesses[shipping].datastore"],
    ),
    # hosts
    "a host of a context that there is not": (
        M,
        "[tracking]",
        "[tracking, traking]",
        [f"{M}:6:19 unknown-context hosts[traking]"],
    ),
    "a host of a context with deployables": (
        M,
        "[tracking]",
        "[tracking, shipping]",
        [f"{S}:12:1 hosted-context deployables"],
    ),
    "a context that runs nowhere": (M, "hosts: [tracking]\n", "", [f"{T}:3:7 context-without-deployable name"]),
    "a schema of a context that shares no deployable": (
        S,
        "  type: postgresql\n",
        "  type: postgresql\n  isolation: schema\n",
        [f"{S}:9:14 schema-without-host datastore[0].isolation"],
    ),
    # names
    "a context with the name of another": (
        P,
        "name: pricing\n",
        "name: shipping\n",
        [f"{S}:3:7 duplicate-name name", f"{S}:26:15 unknown-context upstreams[pricing].context"],
    ),
    "a context with the name of a deployable": (M, "name: monolith", "name: shipping", [f"{S}:3:7 duplicate-name name"]),
    "a deployable with the name of another": (
        P,
        "{name: pricing, image",
        "{name: shipping-api, image",
        [f"{S}:13:11 duplicate-name name"],
    ),
    "a deployable with the name of another context": (
        P,
        "{name: pricing, image",
        "{name: tracking, image",
        [f"{T}:3:7 duplicate-name name"],
    ),
    "a deployable that looks like another": (
        P,
        "{name: pricing, image",
        "{name: shippingapi, image",
        [f"{S}:13:11 lookalike-name name"],
    ),
    "a team that looks like another": (
        L,
        "{name: pricing-team,",
        "{name: sh1pping-team,",
        [f"{L}:6:12 lookalike-name name", f"{P}:4:7 unknown-team team"],
    ),
    "an event that looks like another": (T, "ParcelSeen:", "ParceILost:", [f"{T}:10:3 lookalike-name name"]),
    "a landscape with another name than its folder": (L, "name: parcels", "name: parcel", [f"{L}:3:7 landscape-name name"]),
    # derived variables
    "a variable that a call derives": (
        S,
        "{LOG_LEVEL: info}",
        "{PRICING_URL: x}",
        [f"{S}:17:19 reserved-variable deployables[0].environment.PRICING_URL"],
    ),
    "a variable that a hosted context derives": (
        M,
        "port: 8000",
        "environment: {TRACKING_DATABASE_URL: x}",
        [f"{M}:9:15 reserved-variable environment.TRACKING_DATABASE_URL"],
    ),
    # files
    "a specification that is not there": (
        S,
        "{protocol: http}",
        "{spec: apis/shipping.json}",
        [f"{S}:20:22 missing-file exposes.BookParcel.spec"],
    ),
    "a schema that is not there": (
        S,
        "{version: 1, retention: 7d}",
        "{schema: events/parcel-booked.json}",
        [f"{S}:22:26 missing-file publishes.ParcelBooked.schema"],
    ),
    "a folder as a specification": (
        S,
        "{protocol: http}",
        "{spec: apis}",
        [f"{S}:20:22 missing-file exposes.BookParcel.spec"],
    ),
    "a link as a specification": (
        S,
        "{protocol: http}",
        "{spec: apis/link.json}",
        ["apis/link.json:1:1 not-a-regular-file", f"{S}:20:22 missing-file exposes.BookParcel.spec"],
    ),
    "a descriptor as a specification": (
        S,
        "{protocol: http}",
        "{spec: pricing.yaml}",
        [f"{S}:20:22 contract-suffix exposes.BookParcel.spec"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_is_found(parcels: Parcels, case: str) -> None:
    file, old, new, expected = CASES[case]
    if "apis" in new:
        parcels.write("apis/other.json", "{}")
    if "link" in new:
        (parcels.path / "apis" / "link.json").symlink_to("other.json")
    assert parcels.change(file, old, new).found() == expected


def test_a_specification_is_found(parcels: Parcels) -> None:
    parcels.write("apis/shipping.openapi.yaml", "openapi: 3.1.0").write("events/booked.json", "{}")
    parcels.change(S, "{protocol: http}", "{spec: apis/shipping.openapi.yaml}")
    parcels.change(S, "{version: 1, retention: 7d}", "{schema: events/booked.json}")
    context = parcels.landscape().context("shipping")
    assert context.exposes["BookParcel"].spec == "apis/shipping.openapi.yaml"
    assert context.publishes["ParcelBooked"].schema_file == "events/booked.json"


def test_a_specification_behind_a_linked_folder_is_outside(parcels: Parcels, tmp_path: Path) -> None:
    (tmp_path / "apis").mkdir()
    (tmp_path / "apis" / "shipping.json").write_text("{}")
    parcels.change(S, "{protocol: http}", "{spec: apis/shipping.json}").load()
    (parcels.path / "apis").symlink_to(tmp_path / "apis")
    assert parcels.found() == ["apis:1:1 not-a-regular-file", f"{S}:20:22 missing-file exposes.BookParcel.spec"]


def test_two_contexts_that_name_one_datastore_are_left_to_the_rules(parcels: Parcels) -> None:
    parcels.change(P, "{type: postgresql}", "{type: postgresql, name: shipping}")
    assert parcels.found() == []


def test_a_host_of_another_teams_context_is_left_to_the_rules(parcels: Parcels) -> None:
    parcels.change(M, "team: shipping-team", "team: pricing-team")
    assert parcels.found() == []


def test_an_access_without_a_contract_is_left_to_the_rules(parcels: Parcels) -> None:
    parcels.change(S, PURPOSE, PURPOSE + "accesses: [{datastore: pricing/redis, mode: write, tables: [rates]}]\n")
    (access,) = parcels.landscape().context("shipping").accesses
    assert (access.owner, access.type, access.mode, access.tables, access.contract) == (
        "pricing",
        "redis",
        "write",
        ("rates",),
        None,
    )


def test_the_landscape_is_there_in_spite_of_wrong_links_and_leaves_them_out(parcels: Parcels) -> None:
    parcels.change(S, "context: pricing", "context: prices").change(S, "[carrier]", "[carier]")
    parcels.change(S, PURPOSE, PURPOSE + "accesses: [{datastore: shipping}, {datastore: nobody}]\n")
    parcels.change(S, CONSUMES, "{event: tracking.Nothing}")
    result = parcels.load()
    assert not result.ok
    assert result.landscape is not None
    context, deployable = result.landscape.context("shipping"), result.landscape.deployable("shipping-api")
    assert (deployable.upstreams, deployable.externals) == ((), ())
    assert (context.accesses, context.consumes) == ((), ())


def test_who_refers_to_a_broken_descriptor_is_not_to_blame(parcels: Parcels) -> None:
    parcels.change(P, "subdomain: core", "subdomain: vital")
    assert parcels.found() == [f"{P}:5:12 not-allowed subdomain"]


def test_who_refers_to_what_is_no_yaml_is_not_to_blame(parcels: Parcels) -> None:
    parcels.files["prices.yaml"] = parcels.files.pop(P).replace("subdomain: core", "subdomain: [core")
    assert parcels.found() == ["prices.yaml:5:12 not-yaml subdomain"]


def test_who_refers_to_a_descriptor_with_a_bad_name_is_not_to_blame(parcels: Parcels) -> None:
    parcels.change(P, "name: pricing\n", "name: Pricing\n")
    assert parcels.found() == [f"{P}:3:7 malformed-name name"]


def test_a_landscape_file_with_another_suffix_is_told_once(parcels: Parcels) -> None:
    parcels.files["landscape.yml"] = parcels.files.pop(L)
    assert parcels.found() == ["landscape.yml:1:1 file-suffix"]


def test_a_broken_landscape_file_is_blamed_alone(parcels: Parcels) -> None:
    parcels.change(L, "type: rabbitmq", "type: rabitmq")
    assert parcels.found() == [f"{L}:9:16 not-allowed broker.type"]


def test_without_its_file_there_is_no_landscape(parcels: Parcels) -> None:
    del parcels.files[L]
    assert parcels.found() == [f"{L}:1:1 no-landscape-file"]


def test_a_landscape_in_another_file_is_refused(parcels: Parcels) -> None:
    parcels.files["more.yaml"] = parcels.files[L]
    assert parcels.found() == ["more.yaml:2:7 misplaced-landscape kind"]


def test_a_context_in_the_landscapes_file_is_refused(parcels: Parcels) -> None:
    parcels.files[L] = parcels.files.pop(P)
    assert parcels.found() == [f"{L}:2:7 misplaced-landscape kind"]


def test_a_landscape_without_contexts_is_refused_but_can_be_added_to(parcels: Parcels) -> None:
    for file in (S, M, P, T):
        del parcels.files[file]
    result = parcels.load()
    assert [brief(finding) for finding in result.findings] == [f"{L}:3:7 no-contexts name"]
    assert result.landscape is not None


def test_a_landscape_of_broken_contexts_is_not_called_empty(parcels: Parcels) -> None:
    for file in (M, P, T):
        del parcels.files[file]
    assert parcels.change(S, "subdomain: core", "subdomain: vital").found() == [f"{S}:5:12 not-allowed subdomain"]


def test_no_more_links_are_followed_than_anybody_reads_about(parcels: Parcels) -> None:
    calls = ", ".join(f"{{context: nobody-{number}, uses: [A]}}" for number in range(200))
    for name in ("aa", "bb", "cc"):
        parcels.files[f"{name}.yaml"] = parcels.files[T].replace("tracking", name) + f"upstreams: [{calls}]\n"
    rules = [finding.rule for finding in parcels.load().findings]
    assert (len(rules), rules.count("more-errors")) == (501, 1)
