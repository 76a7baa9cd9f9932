"""The Open Data Contract Standard as the body of a data contract."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.descriptors.parcels import Parcels

BODY, C = "contracts/rates.odcs.yaml", "rates.yaml"

CONTRACT = """\
apiVersion: plat/v1
kind: DataContract
name: rates
provider: pricing
consumer: shipping
standard: contracts/rates.odcs.yaml
reason: Booking shows prices.
owners: {provider: pricing-team, consumer: shipping-team}
expires: 2099-12-31
"""

STANDARD = """\
apiVersion: v3.1.0
kind: DataContract
id: rates
version: 1.0.0
status: active
team: [{username: ada}]
schema:
  - name: rates
    physicalName: current_rates
    physicalType: VIEW
    properties:
      - name: rate_id
        logicalType: integer
        primaryKey: true
      - name: Zone
        physicalName: zone
        logicalType: string
        physicalType: character varying (10)
      - name: amount
        physicalType: DECIMAL(10, 2)
      - {name: details, logicalType: object}
      - {name: tags, physicalType: "text[]"}
      - {name: since, logicalType: timestamp}
"""


def with_standard(parcels: Parcels, text: str = STANDARD) -> Parcels:
    parcels.files[C] = CONTRACT
    return parcels.write(BODY, text)


def test_objects_become_views_and_properties_columns_with_their_stored_type_before_the_logical_one(parcels: Parcels) -> None:
    (view,) = with_standard(parcels).landscape().contract("rates").views

    assert view.name == "current_rates"
    assert list(view.columns.items()) == [
        ("rate_id", "bigint"),
        ("zone", "varchar(10)"),
        ("amount", "numeric(10,2)"),
        ("details", "jsonb"),
        ("tags", "text[]"),
        ("since", "timestamptz"),
    ]
    assert str(view.location) == "contexts/parcels/contracts/rates.odcs.yaml:8:5"


SPELLED: Mapping[str, str] = {
    "INT": "integer",
    "int8": "bigint",
    "bool": "boolean",
    "timestamp with time zone": "timestamptz",
    "Character(3)": "char(3)",
    "float8": "double precision",
    "decimal": "numeric",
    "numeric(10,2)[]": "numeric(10,2)[]",
}


@pytest.mark.parametrize(("written", "meant"), SPELLED.items(), ids=SPELLED.keys())
def test_other_spellings_of_a_type_are_understood(parcels: Parcels, written: str, meant: str) -> None:
    text = STANDARD.replace("physicalType: DECIMAL(10, 2)", f'physicalType: "{written}"')

    (view,) = with_standard(parcels, text).landscape().contract("rates").views
    assert view.columns["amount"] == meant


# sentence: (what the file says, what it says instead, the findings)
CASES: dict[str, tuple[str, str, list[str]]] = {
    "another version": ("v3.1.0", "v2.2.2", [f"{BODY}:1:13 contract-standard apiVersion"]),
    "no version": ("apiVersion: v3.1.0\n", "", [f"{BODY}:1:1 contract-standard apiVersion"]),
    "another kind": ("kind: DataContract", "kind: DataProduct", [f"{BODY}:2:7 contract-standard kind"]),
    "no schema": (STANDARD[STANDARD.index("schema:") :], "", [f"{BODY}:1:1 contract-standard schema"]),
    "a topic": ("VIEW", "topic", [f"{BODY}:10:19 contract-standard schema[0].physicalType"]),
    "a name that no view has": (
        "current_rates",
        "sales.rates",
        [f"{BODY}:9:19 contract-standard schema[0].physicalName"],
    ),
    "a type that PostgreSQL does not have": (
        "DECIMAL(10, 2)",
        "VARCHAR2(30)",
        [f"{BODY}:20:23 contract-standard schema[0].properties[2].physicalType"],
    ),
    "a type that the standard does not have": (
        "logicalType: timestamp",
        "logicalType: moment",
        [f"{BODY}:23:36 contract-standard schema[0].properties[5].logicalType"],
    ),
    "a column without a type": (
        "logicalType: object",
        "required: true",
        [f"{BODY}:21:9 contract-standard schema[0].properties[3]"],
    ),
    "a column twice": (
        "name: details",
        "name: amount",
        [f"{BODY}:21:16 contract-standard schema[0].properties[3].name"],
    ),
    "a key twice": ("kind: DataContract", "kind: DataContract\nkind: DataContract", [f"{BODY}:3:1 duplicate-key kind"]),
    "an anchor": ("[{username: ada}]", "&team [{username: ada}]", [f"{BODY}:6:7 anchor team"]),
}


@pytest.mark.parametrize(("says", "instead", "found"), CASES.values(), ids=CASES.keys())
def test_is_refused_in_the_standard_s_file(parcels: Parcels, says: str, instead: str, found: list[str]) -> None:
    assert STANDARD.count(says) == 1
    assert with_standard(parcels, STANDARD.replace(says, instead)).found() == found


def test_a_file_that_is_not_there_is_refused_where_it_is_named(parcels: Parcels) -> None:
    parcels.files[C] = CONTRACT
    assert parcels.found() == [f"{C}:6:11 missing-file standard"]


def test_a_contract_is_about_a_postgresql_alone(parcels: Parcels) -> None:
    with_standard(parcels).files[C] = CONTRACT.replace("consumer: shipping\n", "datastore: redis\nconsumer: shipping\n")
    assert parcels.found() == [f"{C}:5:12 contract-store datastore"]


def test_a_contract_is_not_called_like_a_datastore(parcels: Parcels) -> None:
    with_standard(parcels).change("pricing.yaml", "{type: postgresql}", "{type: postgresql, name: rates}")
    assert parcels.found() == [f"{C}:3:7 contract-schema-taken name"]


def test_of_several_stores_of_one_type_the_first_one_is_meant(parcels: Parcels) -> None:
    with_standard(parcels).change("pricing.yaml", "{type: postgresql}", "{type: postgresql}, {type: postgresql, name: later}")
    parcels.change("shipping.yaml", "upstreams:", "accesses: [{datastore: pricing, contract: rates}]\nupstreams:")
    assert parcels.landscape().contract("rates").datastore == "postgresql"
