"""What resources wait for is told once, and again after a while; nothing else of the log is."""

from __future__ import annotations

import json

from plat.engine.events import Notes

URN = "urn:pulumi:shop.vm::plat::machine:index:Reachable::shop--sales"


def note(message: str, *, ephemeral: bool = True, severity: str = "info") -> str:
    found = {"urn": URN, "message": f"<{{%reset%}}>{message}<{{%reset%}}>\n", "severity": severity, "ephemeral": ephemeral}
    return json.dumps({"sequence": 1, "diagnosticEvent": found})


def told(*lines: tuple[float, str]) -> list[str]:
    said: list[str] = []
    now = 0.0
    notes = Notes(said.append, lambda: now)
    for now, line in lines:  # noqa: B007 - the clock reads it
        notes.take(line)
    return said


def test_a_note_is_told_when_it_is_another_one() -> None:
    waiting, booting = "waiting for 10.0.0.2:22: connection refused", "waiting for 10.0.0.2:22: cloud-init has not ended"
    assert told((0, note(f"{waiting} (0 s)")), (2, note(f"{waiting} (2 s)")), (4, note(f"{booting} (4 s)"))) == [
        f"shop--sales: {waiting} (0 s)",
        f"shop--sales: {booting} (4 s)",
    ]


def test_the_same_is_told_again_after_a_while() -> None:
    lines = [(float(second), note(f"waiting ({second} s)")) for second in range(0, 70, 2)]
    assert told(*lines) == [f"shop--sales: waiting ({second} s)" for second in (0, 30, 60)]


def test_what_the_display_shows_itself_is_not_told_twice() -> None:
    shown = [note("warned", severity="warning"), note("said", ephemeral=False), '{"preludeEvent": {}}', '{"cut', ""]
    assert told(*((0.0, line) for line in shown)) == []
