"""Five contexts in three years: the same story, whatever their deployables are."""

from __future__ import annotations

import pytest

from tests.integration.landscapes.story import Story, told
from tests.integration.main_job.checkout import Checkout

MONOLITH = dict.fromkeys(("pricing", "shipping", "tracking", "billing", "support"), "parcel-monolith")
YEARS = {
    "parcel-shipping-year-1": MONOLITH,
    "parcel-shipping-year-2": {**MONOLITH, "pricing": "pricing"},
    "parcel-shipping": {
        "pricing": "pricing",
        "shipping": "shipping",
        "tracking": "tracking-command",
        "billing": "customer-care",
        "support": "customer-care",
    },
}


@pytest.mark.parametrize("landscape", YEARS)
def test_a_booked_parcel_is_priced_tracked_invoiced_and_known_to_support(checkout: Checkout, landscape: str) -> None:
    serving = YEARS[landscape]
    with told(checkout, landscape) as story:
        parcel = booked(story, serving)
        assert story.get(serving["tracking"], "TrackParcel", parcel_id=parcel)["state"] == "booked"
        scan = {"parcel_id": parcel, "place": "Bern", "state": "delivered"}
        story.post(serving["tracking"], "RecordScan", scan)

        assert story.rows("billing", "SELECT parcel_id, amount FROM invoice") == [f"{parcel}|9.50"]
        known = "SELECT delivered_at, amount FROM parcel_file WHERE delivered_at IS NOT NULL AND invoice_id IS NOT NULL"
        assert story.rows("support", known) == ["Bern|9.50"]
        case = story.post(serving["support"], "OpenCase", {"parcel_id": parcel, "complaint": "The box was wet."})
        assert (case["delivered_at"], case["amount"]) == ("Bern", "9.50")
        assert story.rows("tracking", "SELECT state FROM journey WHERE state = 'delivered'") == ["delivered"]
        if landscape == "parcel-shipping":
            shown = story.get("customer-portal", "ShowParcel", parcel_id=parcel)
            assert (shown["journey"]["state"], shown["invoice"]["amount"]) == ("delivered", "9.50")


def booked(story: Story, serving: dict[str, str]) -> str:
    """A parcel of three kilograms, at the second of two rates."""
    rate = {"from_zone": "north", "to_zone": "south", "base": 5, "per_kilogram": 1}
    story.post(serving["pricing"], "ChangeRate", rate)
    story.post(serving["pricing"], "ChangeRate", {**rate, "per_kilogram": 1.5})
    parcel = {"customer": "Ada", "from_zone": "north", "to_zone": "south", "weight": 3}
    return str(story.post(serving["shipping"], "BookParcel", parcel)["parcel_id"])
