"""The stores of user-management as its needs grow: in memory, and a relational database with a cache beside it."""

from __future__ import annotations

import json

from tests.integration.landscapes.story import Story, told
from tests.integration.main_job.checkout import Checkout

ORDER = {"user_id": "42", "order_items": [{"sku": "A1", "quantity": 2}], "total_amount": 19.9}


def test_it_begins_in_memory(checkout: Checkout) -> None:
    with told(checkout, "order-processing-ephemeral") as story:
        session = story.post("user-management", "Login", {"user_id": "42", "name": "Ada"})["session"]
        order(story)

        assert in_redis(story)["session"] == session


def test_a_relational_database_with_a_cache_beside_it_keeps_users_for_good(checkout: Checkout) -> None:
    with told(checkout, "order-processing-cached") as story:
        session = story.post("user-management", "Login", {"user_id": "42", "name": "Ada"})["session"]
        order(story)

        assert story.rows("user-management", "SELECT name, session FROM users") == [f"Ada|{session}"]
        assert in_redis(story)["session"] == session


def order(story: Story) -> None:
    """An order arrives at the other end of its queue."""
    placed = story.post("order-processing", "PlaceOrder", ORDER)
    story.logged("notification", f"notified user 42 of order {placed['order_id']}")


def in_redis(story: Story) -> dict[str, object]:
    """What user-management has under its key, with its own credentials."""
    port = next(
        store["port"]
        for store in story.checkout.context(story.landscape, "user-management")["datastores"]
        if store["type"] == "redis"
    )
    client = ("redis-cli", "-h", "127.0.0.1", "-p", str(port), "--user", "user-management")
    found: dict[str, object] = json.loads(story.within("user-management", *client, "GET", "user:42"))
    return found
