"""The tables of Tracking: `scan` is what happened, `journey` is what customers see of it."""

from __future__ import annotations

from samples.outbox import SCHEMA as OUTBOX

STATES = ("picked-up", "in-transit", "out-for-delivery", "delivered")
SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS scan (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parcel_id text NOT NULL,
    place text NOT NULL,
    state text NOT NULL,
    scanned_at timestamptz NOT NULL DEFAULT now(),
    projected boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS scan_to_project ON scan (position) WHERE NOT projected;
CREATE TABLE IF NOT EXISTS journey (
    parcel_id text PRIMARY KEY, state text NOT NULL, place text NOT NULL, since timestamptz NOT NULL
);
"""
    + OUTBOX
)
