"""The report for programs: one object with a version, so that a reader knows what to expect."""

from __future__ import annotations

import json
from typing import Any, Final

from plat.reports.model import Exemption, Judged, Report, Told

VERSION: Final = 1
"""Counted up when a key changes its meaning or goes; new keys may come at any time."""


def render(report: Report) -> str:
    """The report as JSON text."""
    value = {
        "version": VERSION,
        "today": report.today.isoformat(),
        "ok": report.ok,
        "counts": dict(report.counts),
        "landscapes": [_landscape(landscape) for landscape in report.landscapes],
        "findings": [_told(told) for landscape in report.landscapes for told in landscape.standing],
        "accepted": [_told(told) for landscape in report.landscapes for told in landscape.accepted],
    }
    return json.dumps(value, indent=2, sort_keys=True)


def _landscape(landscape: Judged) -> dict[str, Any]:
    return {
        "name": landscape.name,
        "ok": landscape.ok,
        "contexts": landscape.contexts,
        "deployables": landscape.deployables,
        "counts": dict(landscape.counts),
    }


def _told(told: Told) -> dict[str, Any]:
    value = {**told.finding.to_dict(), "landscape": told.landscape, "fingerprint": told.fingerprint}
    return {**value, "exception": _exemption(told.exemption)} if told.exemption else value


def _exemption(exemption: Exemption) -> dict[str, Any]:
    return {
        "reason": exemption.reason,
        "owner": exemption.owner,
        "until": exemption.until.isoformat(),
        "location": exemption.location.to_dict(),
    }
