"""Restaurant reservations: five contexts, each with its own idea of a user.

A login identity in Authentication, a Guest in Booking, a Reviewer in Reviews: who depends on Authentication translates.
"""
