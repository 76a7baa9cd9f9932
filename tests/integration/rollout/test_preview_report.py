"""A report on a preview, agreed to and then applied, with the real engine and a stack for each unit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.main_job.checkout import PROJECT, Checkout, clone, remove

UNITS = ("-e", "units")
QUEUE = "notification.order-processing.OrderCancelled.v1"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Order-processing, up, in a clone whose environment has ports of its own."""
    made = clone(Path(tmp_path_factory.mktemp("preview")) / "clone", 13000, 13999)
    file = made.root / "stacks" / "environments" / "units.yaml"
    file.write_text(file.read_text().replace("first: 10000", "first: 13000").replace("last: 17999", "last: 13999"))
    try:
        yield made
    finally:
        made.run("plat", "down")
        remove(made)


def report_on(checkout: Checkout, *words: str) -> dict[str, Any]:
    checkout.done("plat", "preview", "order-processing", *UNITS, "--report", "report.json", *words)
    found: dict[str, Any] = json.loads((checkout.root / "report.json").read_text())
    return found


def edit(checkout: Checkout, context: str, old: str, new: str) -> None:
    file = checkout.root / "contexts" / "order-processing" / f"{context}.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def script(job: str, step: str) -> tuple[str, ...]:
    """The words that run a step of the ready workflow as its host does."""
    workflow = yaml.safe_load((PROJECT / "ci" / "github" / "plat.yml").read_text())
    (found,) = (each["run"] for each in workflow["jobs"][job]["steps"] if each.get("name") == step)
    return ("env", "LANDSCAPE=order-processing", "PLAT_ENVIRONMENT=units", "sh", "-e", "-c", found)


def rights(report: dict[str, Any], which: str) -> set[tuple[str, str]]:
    return {(right["who"], right["what"]) for right in report[which]}


def test_looking_leaves_nothing_behind(shop: Checkout) -> None:
    first = report_on(shop)

    assert first["complete"]
    assert {touched["name"] for touched in first["contexts"]} == {
        "notification",
        "order-processing",
        "platform",
        "user-management",
    }
    assert not list((shop.root / ".plat" / "state" / ".pulumi" / "stacks").rglob("*.json"))
    assert not list((shop.root / "stacks").glob("Pulumi.order-processing.*"))


def test_what_was_agreed_to_is_applied_and_nothing_is_left_to_do(shop: Checkout) -> None:
    shop.done(*script("up", "Up, if that is still what would change"))

    assert "Nothing would change." in shop.done("plat", "preview", "order-processing", *UNITS)


def test_a_new_event_and_a_new_upstream_are_told_as_rights_of_both_sides(shop: Checkout) -> None:
    edit(shop, "order-processing", "OrderPlaced: {version: 1}", "OrderPlaced: {version: 1}\n  OrderCancelled: {version: 1}")
    edit(shop, "notification", "consumes:\n", "consumes:\n  - {event: order-processing.OrderCancelled}\n")
    with_upstream = "\nupstreams:\n  - {context: user-management, uses: [GetUser]}\n"
    edit(shop, "order-processing", "\nexposes:", f"{with_upstream}\nexposes:")
    shop.done(*script("preview", "Preview"))
    report = json.loads((shop.root / "report.json").read_text())

    assert report["complete"]
    assert rights(report, "disappearing") == set()
    assert rights(report, "appearing") == {
        ("notification", f"consume from {QUEUE}"),
        ("notification", f"consume from {QUEUE}.dead"),
        ("notification", f"receive OrderCancelled.v1 of order-processing.events in {QUEUE}"),
        ("order-processing", "call GetUser of user-management"),
        ("order-processing", "call user-management"),
        ("order-processing", "publish to order-processing.events with OrderCancelled.v1"),
    }
    assert {item["deployable"] for item in report["deployables"]} == {"notification", "order-processing", "user-management"}
    assert {item["team"] for item in report["approvals"]} == {"engagement-team", "identity-team", "orders-team"}
    assert report["data"] == []
    assert {stack["stack"] for stack in report["stacks"] if stack["state"] == "current"} == {"order-processing.platform.units"}
    assert (shop.root / "report.md").read_text().startswith("<!-- plat preview order-processing.units -->\n")


def test_what_was_not_agreed_to_is_refused(shop: Checkout) -> None:
    edit(shop, "order-processing", "OrderCancelled: {version: 1}", "OrderCancelled: {version: 1}\n  OrderPaid: {version: 1}")
    refused = shop.run(*script("up", "Up, if that is still what would change"))
    edit(shop, "order-processing", "\n  OrderPaid: {version: 1}", "")

    assert refused.returncode == 1
    assert "its descriptors say something else than those that the report was made of" in refused.stdout
    assert "nothing was changed" in refused.stdout


def test_the_same_is_applied_once(shop: Checkout) -> None:
    shop.done(*script("up", "Up, if that is still what would change"))
    again = shop.run("plat", "preview", "order-processing", *UNITS, "--check", "report.json")

    assert again.returncode == 1
    assert "it would not change any more" in again.stdout


def test_a_right_that_is_given_up_disappears(shop: Checkout) -> None:
    edit(shop, "notification", "  - {event: order-processing.OrderCancelled}\n", "")
    report = report_on(shop)

    assert rights(report, "appearing") == set()
    assert rights(report, "disappearing") == {
        ("notification", f"consume from {QUEUE}"),
        ("notification", f"consume from {QUEUE}.dead"),
        ("notification", f"receive OrderCancelled.v1 of order-processing.events in {QUEUE}"),
    }
    assert {item["what"] for item in report["data"]} == {f"queue `{QUEUE}`", f"queue `{QUEUE}.dead`"}


def test_a_preview_that_fails_is_no_success_and_says_why_first(shop: Checkout) -> None:
    edit(shop, "order-processing", "datastore:\n  type: postgresql", "datastore:\n  type: mysql")
    edit(shop, "order-processing", '  version: "16"\n', "")
    result = shop.run("plat", "preview", "order-processing", *UNITS, "--format", "markdown", "--report", "report.json")
    report = json.loads((shop.root / "report.json").read_text())
    secrets = json.loads(
        shop.done("pulumi", "stack", "output", "-s", "order-processing.platform.units", "--json", "--show-secrets")
    )

    assert result.returncode == 1
    assert not report["complete"]
    assert "This preview is not complete" in result.stdout
    assert "this would have lost data" in result.stdout
    assert any("it is protected" in item["happens"] for item in report["data"])
    assert not [value for value in secrets["secrets"].values() if value in result.stdout + json.dumps(report)]
    assert shop.run("plat", "up", "order-processing", *UNITS, "--only-as", "report.json").returncode == 1
