"""Booking and Notifications both ways: the core publishes and the other subscribes, or the core calls the other."""

from __future__ import annotations

from tests.integration.landscapes.story import Story, told
from tests.integration.main_job.checkout import Checkout

CONFIRMED = "Your table at Al Forno is confirmed for 2026-12-24, 19:30."


def test_a_confirmed_reservation_is_published_and_its_guest_notified(checkout: Checkout) -> None:
    with told(checkout, "restaurant") as story:
        reservation = reserve(story)

        story.logged("notifications", f"notified ada@guests.example by email: {CONFIRMED}")
        assert story.rows("booking", "SELECT reservation_id FROM reservation") == [reservation["reservation_id"]]
        review(story)


def test_a_confirmed_reservation_is_told_by_calling_the_generic_context(checkout: Checkout) -> None:
    with told(checkout, "restaurant-notifications-upstream") as story:
        reserve(story)

        (guest,) = story.rows("booking", "SELECT guest_id FROM reservation")
        story.logged("notifications", f"notified {guest} by email: {CONFIRMED}")


def reserve(story: Story) -> dict[str, object]:
    """What Booking confirms to a guest who has just signed up, for a restaurant that has just been listed."""
    story.post("authentication", "SignUp", {"login": "ada", "email": "ada@guests.example", "password": "engine"})
    restaurant = story.post("restaurant-catalog", "ListRestaurant", {"name": "Al Forno", "city": "Bern"})["restaurant_id"]
    return story.post(
        "booking",
        "Reserve",
        {"session": session(story), "restaurant_id": restaurant, "date": "2026-12-24", "time": "19:30", "party": 2},
    )


def review(story: Story) -> None:
    """Reviews knows the restaurant by the catalog's event, and its guest as a reviewer: by name alone."""
    (restaurant,) = story.rows("reviews", "SELECT restaurant_id FROM restaurant WHERE name = 'Al Forno'")
    story.post(
        "reviews", "WriteReview", {"session": session(story), "restaurant_id": restaurant, "stars": 5, "text": "Once more!"}
    )

    assert story.rows("reviews", "SELECT reviewer, stars FROM review") == ["ada|5"]


def session(story: Story) -> str:
    """A session of the guest."""
    return str(story.post("authentication", "LogIn", {"login": "ada", "password": "engine"})["session"])
