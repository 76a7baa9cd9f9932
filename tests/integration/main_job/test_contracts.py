"""A modular monolith with a schema for each module, and data contracts across every isolation, from descriptors to servers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.main_job.checkout import Checkout

CONTRACT = """\
CREATE OR REPLACE VIEW rates_for_billing.current_rates AS
SELECT rate_id, zone, amount, since, tags FROM rates WHERE amount > 0
"""
RATES = "CREATE TABLE rates (rate_id integer, zone text, amount numeric(10,2), since timestamptz, tags varchar(20)[])"


@pytest.fixture(scope="module")
def emporium(checkout: Checkout) -> Iterator[Checkout]:
    shutil.copytree(checkout.root / "tests" / "landscapes" / "emporium", folder(checkout))
    yield checkout
    checkout.run("plat", "destroy", "emporium", "--with-data", "--confirm", "emporium")
    shutil.rmtree(folder(checkout))


def folder(checkout: Checkout) -> Path:
    return checkout.root / "contexts" / "emporium"


def ask(checkout: Checkout, context: str, statement: str) -> str:
    client = ("psql", "-v", "ON_ERROR_STOP=1", "-Atc", statement)
    return checkout.done("plat", "exec", "--landscape", "emporium", context, "--", *client).strip()


def at(checkout: Checkout, context: str, url: str, statement: str) -> str:
    client = ("sh", "-c", f'psql "${url}" -v ON_ERROR_STOP=1 -Atc "{statement}"')
    return checkout.run("plat", "exec", "--landscape", "emporium", context, "--", *client).stdout.strip()


def as_administrator(checkout: Checkout, statement: str) -> None:
    secret = checkout.secrets("emporium.local")["server/emporium-app--postgresql"]
    port = checkout.context("emporium", "pricing")["datastores"][0]["port"]
    where = f"host=127.0.0.1 port={port} user=postgres dbname=emporium_app"
    checkout.done("env", f"PGPASSWORD={secret}", "psql", where, "-v", "ON_ERROR_STOP=1", "-c", statement)


def changed(checkout: Checkout) -> list[str]:
    """What an update did, in the engine's own count."""
    return checkout.done("plat", "up", "emporium").rpartition("Resources:")[2].partition("Duration:")[0].split()


def test_every_schema_and_every_contract_is_fenced_as_declared(emporium: Checkout) -> None:
    assert "115 tried: 11 open, 104 closed, all as declared." in emporium.done("plat", "up", "emporium")


def test_each_module_works_in_its_own_schema_as_in_a_database_of_its_own(emporium: Checkout) -> None:
    ask(emporium, "pricing", RATES)
    ask(emporium, "pricing", "INSERT INTO rates VALUES (1, 'eu', 2.50, now(), '{a}'), (2, 'us', 0, now(), null)")
    assert ask(emporium, "pricing", "SELECT current_schema, count(*) FROM rates GROUP BY 1") == "pricing|2"
    foreign = ("psql", "-Atc", "SELECT * FROM pricing.rates")
    refused = emporium.run("plat", "exec", "--landscape", "emporium", "shipping", "--", *foreign)
    assert "permission denied for schema pricing" in refused.stdout


def test_the_consumer_reads_what_the_provider_says_the_view_shows(emporium: Checkout) -> None:
    ask(emporium, "pricing", CONTRACT)
    assert at(emporium, "billing", "RATES_FOR_BILLING_URL", "SELECT zone, amount FROM current_rates") == "eu|2.50"
    refused = at(emporium, "billing", "RATES_FOR_BILLING_URL", "SELECT * FROM pricing.rates")
    assert "permission denied for schema pricing" in refused


def test_the_status_tells_who_reads_what_by_which_contract_and_until_when(emporium: Checkout) -> None:
    (reads,) = emporium.context("emporium", "billing")["contracts"]
    assert (reads["provider"], reads["views"], reads["expires"]) == ("pricing", ["current_rates"], "2099-12-31")
    assert "reads rates_for_billing.current_rates of pricing until" in " ".join(
        emporium.done("env", "COLUMNS=200", "plat", "status", "emporium").split()
    )


def test_a_second_update_changes_nothing_and_keeps_the_provider_s_definition(emporium: Checkout) -> None:
    assert changed(emporium) == ["53", "unchanged"]
    assert at(emporium, "billing", "RATES_FOR_BILLING_URL", "SELECT count(*) FROM current_rates") == "1"


def test_a_right_that_somebody_grants_by_hand_is_found_and_taken_back(emporium: Checkout) -> None:
    as_administrator(emporium, "GRANT USAGE ON SCHEMA pricing TO billing__rates_for_billing, shipping")
    found = emporium.run("plat", "verify", "emporium")
    assert found.returncode == 1
    assert "2 of 115 differ from what is declared" in found.stdout
    emporium.done("plat", "up", "emporium")
    assert "all as declared" in emporium.done("plat", "verify", "emporium")


def test_a_contract_that_has_ended_is_refused_before_anything_is_touched(emporium: Checkout) -> None:
    refused = emporium.run("env", "PLAT_TODAY=2100-01-01", "plat", "up", "emporium")
    assert refused.returncode == 1
    assert "error[contract-expired]: contract `rates-for-billing` of `pricing` for `billing` ended on 2099-12-31" in (
        refused.stdout.replace("\n", " ")
    )


def test_a_module_that_wants_a_server_of_its_own_is_told_the_safe_way_and_keeps_its_data(emporium: Checkout) -> None:
    descriptor = folder(emporium) / "pricing.yaml"
    text = descriptor.read_text()
    descriptor.write_text(text.replace("isolation: schema", "isolation: instance"))
    try:
        refused = emporium.run("plat", "up", "emporium")
    finally:
        descriptor.write_text(text)
    assert refused.returncode == 1
    assert "this would have lost data: pricing--postgresql--schema" in refused.stdout
    assert "as a second `datastore` with a `name` of its own" in refused.stdout
    assert ask(emporium, "pricing", "SELECT count(*) FROM rates") == "2"
    assert changed(emporium) == ["53", "unchanged"]


def test_a_server_of_its_own_beside_the_schema_is_the_safe_way(emporium: Checkout) -> None:
    descriptor = folder(emporium) / "pricing.yaml"
    text = descriptor.read_text()
    beside = "datastore: [{type: postgresql, isolation: schema}, {type: postgresql, name: pricing-own}]"
    descriptor.write_text(text.replace("datastore: {type: postgresql, isolation: schema}", beside))
    assert "all as declared" in emporium.done("plat", "up", "emporium")
    own = "PRICING_PRICING_OWN_POSTGRESQL_URL"
    at(emporium, "pricing", own, RATES)
    copied = 'psql "$PRICING_POSTGRESQL_URL" -c "COPY rates TO STDOUT"'
    copy = ("sh", "-c", f'{copied} | psql "${own}" -v ON_ERROR_STOP=1 -c "COPY rates FROM STDIN"')
    emporium.done("plat", "exec", "--landscape", "emporium", "pricing", "--", *copy)
    assert at(emporium, "pricing", own, "SELECT count(*) FROM rates") == "2"


def test_the_order_of_both_stores_is_the_switch_and_takes_the_contract_along(emporium: Checkout) -> None:
    descriptor = folder(emporium) / "pricing.yaml"
    descriptor.write_text(
        descriptor.read_text().replace(
            "[{type: postgresql, isolation: schema}, {type: postgresql, name: pricing-own}]",
            "[{type: postgresql, name: pricing-own}, {type: postgresql, isolation: schema}]",
        )
    )
    assert "all as declared" in emporium.done("plat", "up", "emporium")
    ask(emporium, "pricing", CONTRACT)
    assert at(emporium, "billing", "RATES_FOR_BILLING_URL", "SELECT zone FROM current_rates") == "eu"
    assert ask(emporium, "shipping", "SELECT rolname FROM pg_roles WHERE rolname LIKE 'billing%'") == ""


def test_without_its_access_the_consumer_has_no_way_in_and_the_provider_keeps_its_views(emporium: Checkout) -> None:
    descriptor = folder(emporium) / "billing.yaml"
    text = descriptor.read_text()
    descriptor.write_text(text[: text.index("accesses:")])
    assert "all as declared" in emporium.done("plat", "up", "emporium")
    assert ask(emporium, "pricing", "SELECT rolname FROM pg_roles WHERE rolname LIKE 'billing%'") == ""
    assert ask(emporium, "pricing", "SELECT zone FROM rates_for_billing.current_rates") == "eu"
