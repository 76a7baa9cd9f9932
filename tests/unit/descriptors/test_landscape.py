"""What a landscape without errors becomes."""

from dataclasses import replace
from pathlib import Path

import pytest

from plat.findings import Location
from plat.landscape import load_landscape
from tests.unit.descriptors.parcels import Parcels


def test_everything_is_sorted_by_name(parcels: Parcels) -> None:
    landscape = parcels.landscape()
    assert [team.name for team in landscape.teams] == ["platform-team", "pricing-team", "shipping-team"]
    assert [context.name for context in landscape.contexts] == ["pricing", "shipping", "tracking"]
    assert [deployable.name for deployable in landscape.deployables] == ["monolith", "pricing", "shipping-api"]


def test_defaults_are_filled_in(parcels: Parcels) -> None:
    landscape = parcels.landscape()
    external, store = landscape.external("carrier"), landscape.context("shipping").datastores[0]
    assert (landscape.title, landscape.platform_team) == ("parcels", "platform-team")
    assert landscape.broker is not None
    assert landscape.broker.team == "platform-team"
    assert (external.host, external.port) == ("api.carrier.example", 443)
    assert (store.name, store.type, store.version, store.isolation, store.durability) == (
        "shipping",
        "postgresql",
        "16",
        "instance",
        "persistent",
    )


def test_a_consumption_knows_its_version_and_its_queue(parcels: Parcels) -> None:
    (consumption,) = parcels.landscape().context("shipping").consumes
    assert (consumption.producer, consumption.event, consumption.version) == ("tracking", "ParcelDelivered", 2)
    assert consumption.queue == "shipping.tracking.ParcelDelivered.v2"


def test_a_queue_can_be_named(parcels: Parcels) -> None:
    parcels.change("shipping.yaml", "event: tracking.ParcelDelivered", "event: tracking.ParcelDelivered, queue: order_queue")
    (consumption,) = parcels.landscape().context("shipping").consumes
    assert consumption.queue == "order_queue"


def test_a_deployable_takes_team_runtime_scaling_and_upstreams_from_its_context(parcels: Parcels) -> None:
    landscape = parcels.landscape()
    context, deployable = landscape.context("shipping"), landscape.deployable("shipping-api")
    assert (deployable.team, deployable.contexts, deployable.standalone) == ("shipping-team", ("shipping",), False)
    assert (deployable.runtime, deployable.scaling) == (context.runtime, context.scaling)
    assert deployable.upstreams == context.upstreams
    assert [(upstream.context, upstream.uses) for upstream in deployable.upstreams] == [("pricing", ("GetRateSnapshot",))]


def test_a_deployable_may_differ_from_its_context(parcels: Parcels) -> None:
    parcels.change(
        "shipping.yaml",
        "    port: 8080",
        "    runtime: {target: kubernetes}\n    scaling: {profile: fixed, max: 3}\n    port: 8080",
    )
    deployable = parcels.landscape().deployable("shipping-api")
    assert (deployable.runtime.target, deployable.scaling.replicas) == ("kubernetes", (3, 3))


def test_a_host_calls_what_its_contexts_call_but_not_what_it_hosts_itself(parcels: Parcels) -> None:
    start = parcels.files["shipping.yaml"].index("deployables:")
    end = parcels.files["shipping.yaml"].index("exposes:")
    parcels.files["shipping.yaml"] = parcels.files["shipping.yaml"][:start] + parcels.files["shipping.yaml"][end:]
    parcels.change("monolith.yaml", "hosts: [tracking]", "hosts: [tracking, shipping]")
    parcels.files["tracking.yaml"] += "upstreams: [{context: shipping, uses: [BookParcel]}]\n"
    landscape = parcels.landscape()
    assert [upstream.context for upstream in landscape.deployable("monolith").upstreams] == ["pricing"]
    assert landscape.deployable("monolith").contexts == ("shipping", "tracking")
    assert landscape.context("shipping").deployables == ("monolith",)
    assert [deployable.name for deployable in landscape.deployables_of("tracking")] == ["monolith"]


def test_a_deployable_of_its_own_can_be_called(parcels: Parcels) -> None:
    parcels.files["monolith.yaml"] += "exposes: {FindCarrier: {}}\nexternals: [carrier]\n"
    parcels.change(
        "shipping.yaml", "  - {context: pricing", "  - {context: monolith, uses: [FindCarrier]}\n  - {context: pricing"
    )
    landscape = parcels.landscape()
    assert [upstream.context for upstream in landscape.context("shipping").upstreams] == ["monolith", "pricing"]
    assert landscape.deployable("monolith").externals == ("carrier",)


def test_the_first_datastore_stays_the_first(parcels: Parcels) -> None:
    parcels.change("pricing.yaml", "[{type: postgresql}, {type: redis}]", "[{type: redis}, {type: postgresql, name: rates}]")
    stores = parcels.landscape().context("pricing").datastores
    assert [(store.type, store.name) for store in stores] == [("redis", "pricing"), ("postgresql", "rates")]


def test_datastore_none_is_no_datastore(parcels: Parcels) -> None:
    parcels.change("pricing.yaml", "[{type: postgresql}, {type: redis}]", "{type: none}")
    assert parcels.landscape().context("pricing").datastores == ()


@pytest.mark.parametrize(
    ("scaling", "replicas"),
    [
        ("{}", (1, 3)),
        ("{profile: bursty}", (1, 10)),
        ("{min: 5}", (5, 5)),
        ("{max: 2}", (1, 2)),
        ("{profile: fixed}", (1, 1)),
        ("{profile: fixed, min: 4}", (4, 4)),
        ("{profile: fixed, min: 4, max: 4}", (4, 4)),
        ("{profile: scheduled}", (1, 1)),
        ("{profile: queue-driven, min: 1, max: 1000}", (1, 1000)),
    ],
)
def test_scaling_gives_a_range_of_replicas(parcels: Parcels, scaling: str, replicas: tuple[int, int]) -> None:
    parcels.change("shipping.yaml", "{profile: bursty, min: 2, max: 20}", scaling)
    assert parcels.landscape().context("shipping").scaling.replicas == replicas


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("", (1, 1)),
        ("team", (4, 7)),
        ("datastore", (7, 1)),
        ("datastore.type", (8, 9)),
        ("datastore[0].type", (8, 9)),
        ("datastore[postgresql].version", (9, 12)),
        ("datastore.storage", (7, 1)),
        ("deployables[0].image", (14, 12)),
        ("deployables[shipping-api].command[2]", (15, 27)),
        ("consumes[tracking.ParcelDelivered].event", (24, 13)),
        ("upstreams[pricing]", (26, 5)),
        ("exposes.BookParcel.protocol", (20, 26)),
        ("purposes.nothing", (1, 1)),
    ],
)
def test_a_field_says_where_it_stands(parcels: Parcels, field: str, place: tuple[int, int]) -> None:
    context = parcels.landscape().context("shipping")
    assert context.at(field) == Location("contexts/parcels/shipping.yaml", *place)


def test_what_is_linked_says_where_it_stands(parcels: Parcels) -> None:
    landscape = parcels.landscape()
    context = landscape.context("shipping")
    places = [
        landscape.team("pricing-team").location,
        landscape.external("carrier").at("host"),
        landscape.at("broker.type"),
        context.location,
        context.datastores[0].at("version"),
        context.consumes[0].at("event"),
        context.upstreams[0].at("uses"),
        landscape.deployable("shipping-api").at("port"),
    ]
    assert [str(place).removeprefix("contexts/parcels/") for place in places] == [
        "landscape.yaml:6:5",
        "landscape.yaml:11:27",
        "landscape.yaml:9:16",
        "shipping.yaml:1:1",
        "shipping.yaml:9:12",
        "shipping.yaml:24:13",
        "shipping.yaml:26:24",
        "shipping.yaml:16:11",
    ]


def test_a_team_may_have_a_folder_of_its_own(parcels: Parcels) -> None:
    before = parcels.landscape()
    (parcels.path / "shipping.yaml").unlink()
    parcels.files["shipping-team/eu/shipping.yaml"] = parcels.files.pop("shipping.yaml")
    assert parcels.landscape() == before
    assert str(parcels.landscape().context("shipping").location) == "contexts/parcels/shipping-team/eu/shipping.yaml:1:1"


def test_the_same_landscape_in_another_place_is_the_same(parcels: Parcels, tmp_path: Path) -> None:
    here = parcels.landscape()
    there = Parcels(tmp_path / "elsewhere" / "parcels").landscape()
    assert replace(there, root_dir=here.root_dir) == here


def test_a_name_that_nothing_has_is_a_key_error(parcels: Parcels) -> None:
    with pytest.raises(KeyError):
        parcels.landscape().context("nothing")


def test_a_relative_folder_is_read_too(parcels: Parcels, monkeypatch: pytest.MonkeyPatch) -> None:
    parcels.load()
    monkeypatch.chdir(parcels.path.parent)
    result = load_landscape(Path("parcels/../parcels"))
    assert (result.landscape, result.findings) == (parcels.landscape(), ())
