"""What belongs to several contexts at once: symmetric relations, data contracts, accepted findings, customers, releases."""

from datetime import date

import pytest

from tests.unit.descriptors.parcels import Parcels

S, L, P, C = "shipping.yaml", "landscape.yaml", "pricing.yaml", "rates.yaml"

CONTRACT = """\
apiVersion: plat/v1
kind: DataContract
name: rates
provider: pricing
consumer: shipping
views:
  - name: current_rates
    columns: {zone: text, amount: "numeric(10,2)"}
reason: Month-end invoicing reads every rate in force.
owners: {provider: pricing-team, consumer: shipping-team}
expires: 2027-06-30
"""
ACCESS = "accesses: [{datastore: pricing/postgresql, contract: rates}]\nupstreams:\n"
AGREED = """\
relations:
  - {between: [tracking, shipping], pattern: shared-kernel, contract: rates, reason: One parcel number.}
exceptions:
  - {rule: split-due, subject: monolith, reason: Two teams are being hired., owner: shipping-team, until: 2027-01-31}
limits: {relations-share: 0.25}
"""


@pytest.fixture
def agreed(parcels: Parcels) -> Parcels:
    parcels.files[C] = CONTRACT
    parcels.files[L] += AGREED
    return parcels.change(S, "upstreams:\n", ACCESS)


def test_a_contract_says_who_publishes_what_for_whom_and_until_when(agreed: Parcels) -> None:
    contract = agreed.landscape().contract("rates")
    assert (contract.provider, contract.datastore, contract.consumer) == ("pricing", "postgresql", "shipping")
    assert [(view.name, dict(view.columns)) for view in contract.views] == [
        ("current_rates", {"zone": "text", "amount": "numeric(10,2)"})
    ]
    assert (contract.provider_owner, contract.consumer_owner) == ("pricing-team", "shipping-team")
    assert contract.expires == date(2027, 6, 30)
    assert str(contract.at("expires")).endswith("rates.yaml:11:10")


def test_columns_keep_the_order_in_which_they_are_promised(agreed: Parcels) -> None:
    (view,) = agreed.landscape().contract("rates").views
    assert list(view.columns) == ["zone", "amount"]


def test_a_symmetric_relation_stands_once_for_both(agreed: Parcels) -> None:
    (relation,) = agreed.landscape().relations
    assert (relation.between, relation.pattern, relation.contract) == (("shipping", "tracking"), "shared-kernel", "rates")


def test_an_accepted_finding_has_an_owner_and_an_end(agreed: Parcels) -> None:
    landscape = agreed.landscape()
    (accepted,) = landscape.exceptions
    assert (accepted.rule, accepted.subject, accepted.owner) == ("split-due", "monolith", "shipping-team")
    assert accepted.until == date(2027, 1, 31)
    assert landscape.relations_share == 0.25


def test_without_a_word_the_broker_keeps_events_for_a_week(parcels: Parcels) -> None:
    landscape = parcels.landscape()
    assert landscape.broker is not None
    assert (landscape.broker.retention, landscape.broker.partitions) == ("7d", 3)
    assert landscape.relations_share == 0.5


def test_what_names_no_train_is_released_by_itself(parcels: Parcels) -> None:
    parcels.change(S, "runtime:", "release: {train: parcels, cadence: weekly}\nruntime:")
    landscape = parcels.landscape()
    assert landscape.deployable("shipping-api").release.train == "parcels"
    assert landscape.deployable("shipping-api").release.cadence == "weekly"
    assert landscape.deployable("pricing").release.train == "pricing"


def test_what_hosts_contexts_is_a_modular_monolith(parcels: Parcels) -> None:
    assert parcels.landscape().deployable("monolith").role == "modular-monolith"


def test_an_external_may_say_by_which_pattern_it_is_used(parcels: Parcels) -> None:
    parcels.change(S, "[carrier]", "[{external: carrier, pattern: conformist}]")
    deployable = parcels.landscape().deployable("shipping-api")
    assert (deployable.externals, dict(deployable.external_patterns)) == (("carrier",), {"carrier": "conformist"})


def test_customers_are_who_an_offer_is_made_for(parcels: Parcels) -> None:
    parcels.change(P, "GetRateSnapshot: {}", "GetRateSnapshot: {offered-to: [shipping]}")
    assert parcels.landscape().context("pricing").exposes["GetRateSnapshot"].offered_to == ("shipping",)


# sentence: (file, what it says, what it says instead, the findings)
REFUSED: dict[str, tuple[str, str, str, list[str]]] = {
    "a provider that there is not": (C, "provider: pricing\n", "provider: prising\n", [f"{C}:4:11 unknown-context provider"]),
    "a consumer that there is not": (C, "consumer: shipping\n", "consumer: ghosts\n", [f"{C}:5:11 unknown-context consumer"]),
    "a contract with oneself": (C, "consumer: shipping\n", "consumer: pricing\n", [f"{C}:5:11 self-relation consumer"]),
    "a store that the provider does not have": (
        C,
        "provider: pricing\n",
        "provider: pricing\ndatastore: mysql\n",
        [f"{C}:5:12 unknown-datastore datastore"],
    ),
    "a provider that keeps nothing": (
        C,
        "provider: pricing\n",
        "provider: tracking\n",
        [f"{C}:4:11 unknown-datastore provider"],
    ),
    "an owner that is no team": (C, "provider: pricing-team", "provider: prices", [f"{C}:10:20 unknown-team owners.provider"]),
    "a day that is none": (C, "2027-06-30", "2027-06-31", [f"{C}:11:10 malformed expires"]),
    "a day in another order": (C, "2027-06-30", "30.06.2027", [f"{C}:11:10 malformed expires"]),
    "no reason": (C, "reason: Month-end invoicing reads every rate in force.\n", "", [f"{C}:1:1 missing-field reason"]),
    "no end": (C, "expires: 2027-06-30\n", "", [f"{C}:1:1 missing-field expires"]),
    "one owner": (C, ", consumer: shipping-team}", "}", [f"{C}:10:1 missing-field owners.consumer"]),
    "a body twice": (C, "reason:", "standard: rates.odcs.yaml\nreason:", [f"{C}:9:11 contradiction standard"]),
    "a type that PostgreSQL does not have": (C, "zone: text", "zone: string", [f"{C}:8:21 malformed views[0].columns.zone"]),
    "SQL in a type": (
        C,
        "zone: text",
        'zone: "text); DROP TABLE rates; --"',
        [f"{C}:8:21 malformed views[0].columns.zone"],
    ),
    "a view that is called like no identifier": (
        C,
        "name: current_rates",
        "name: Current-Rates",
        [f"{C}:7:11 malformed views[0].name"],
    ),
    "an access by a contract that there is not": (
        S,
        "contract: rates",
        "contract: rate",
        [f"{S}:25:54 unknown-contract accesses[pricing/postgresql].contract"],
    ),
    "a relation with a context that there is not": (
        L,
        "[tracking, shipping]",
        "[tracking, shiping]",
        [f"{L}:13:26 unknown-context relations[0].between[shiping]"],
    ),
    "a relation with oneself": (
        L,
        "[tracking, shipping]",
        "[tracking, tracking]",
        [f"{L}:13:26 duplicate-item relations[0].between[1]"],
    ),
    "a relation of one": (L, "[tracking, shipping]", "[tracking]", [f"{L}:13:6 too-few relations[0].between"]),
    "a contract of a partnership": (
        L,
        "pattern: shared-kernel",
        "pattern: partnership",
        [f"{L}:13:69 contradiction relations[0].contract"],
    ),
    "a pattern with an upstream in it": (
        L,
        "pattern: shared-kernel",
        "pattern: conformist",
        [f"{L}:13:46 not-allowed relations[0].pattern"],
    ),
    "an exception without an end": (L, ", until: 2027-01-31}", "}", [f"{L}:15:5 missing-field exceptions[0].until"]),
    "an exception that nobody answers for": (
        L,
        "owner: shipping-team",
        "owner: nobody",
        [f"{L}:15:85 unknown-team exceptions[0].owner"],
    ),
    "a share above all": (L, "0.25", "1.5", [f"{L}:16:27 out-of-range limits.relations-share"]),
    "partitions of a queue": (
        L,
        "{type: rabbitmq}",
        "{type: rabbitmq, partitions: 3}",
        [f"{L}:9:38 contradiction broker.partitions"],
    ),
    "a monolith of nothing": (
        "monolith.yaml",
        "hosts: [tracking]",
        "role: modular-monolith",
        ["monolith.yaml:6:7 contradiction role"],
    ),
    "a frontend with contexts in it": (
        "monolith.yaml",
        "hosts: [tracking]",
        "role: backend-for-frontend\nhosts: [tracking]",
        ["monolith.yaml:6:7 contradiction role"],
    ),
    "an outbox without a table to be in": (
        "tracking.yaml",
        "publishes:",
        "outbox: true\npublishes:",
        ["tracking.yaml:7:9 contradiction outbox"],
    ),
    "a customer that there is not": (
        P,
        "GetRateSnapshot: {}",
        "GetRateSnapshot: {offered-to: [shoping]}",
        [f"{P}:11:34 unknown-context exposes.GetRateSnapshot.offered-to[shoping]"],
    ),
    "an external twice": (
        S,
        "externals: [carrier]",
        "externals: [carrier, {external: carrier}]",
        [f"{S}:18:5 duplicate-item deployables[0].externals"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_is_refused(agreed: Parcels, case: str) -> None:
    file, old, new, expected = REFUSED[case]
    assert agreed.change(file, old, new).found() == expected
