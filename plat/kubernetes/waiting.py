"""What a cluster has to say while it is waited for, and when the waiting was in vain: each reason once, secrets masked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator

from plat.kubernetes.kubectl import ClusterProblem
from plat.kubernetes.reasons import Reason
from plat.kubernetes.runtime import ClusterRuntime

_PAUSE = 5.0
"""Seconds between two looks; what is not seen in two of them has passed by itself."""

_TAIL = 8
_MASK = "[secret]"
_LEAST = 8
"""Shorter values are no generated secrets, and masking them would make logs unreadable."""

_HARMLESS = "what asks whether it is ready gets no good answer"


class Told:
    """Tells reasons by `say`; no value of `secrets()` stands in what it says."""

    def __init__(self, runtime: ClusterRuntime, secrets: Callable[[], Iterable[str]], say: Callable[[str], None]) -> None:
        self._runtime = runtime
        self._secrets = secrets
        self._say = say
        self._seen: set[tuple[str, str]] = set()
        self._said: set[tuple[str, str]] = set()

    @contextlib.contextmanager
    def while_waiting(self) -> Iterator[None]:
        """Tells each reason as it comes up, for as long as the block runs."""
        over = threading.Event()
        looking = threading.Thread(target=self._look_until, args=(over,), daemon=True)
        looking.start()
        try:
            yield
        finally:
            over.set()
            looking.join(timeout=_PAUSE)

    def at_the_end(self) -> None:
        """Tells all reasons that there still are, with the last lines of logs and what to do."""
        with contextlib.suppress(ClusterProblem):
            for reason in self._runtime.reasons():
                self._say(f"{reason.name} does not start ({reason.kind}): {self._masked(reason.words)}")
                for line in self._log(reason):
                    self._say(f"    | {line}")
                self._say(f"    {reason.remedy}")

    def _look_until(self, over: threading.Event) -> None:
        while not over.wait(_PAUSE):
            # Whatever keeps it from looking is the update's to tell.
            with contextlib.suppress(ClusterProblem):
                self._look()

    def _look(self) -> None:
        found = {(reason.name, reason.kind): reason for reason in self._runtime.reasons()}
        for key in sorted((found.keys() & self._seen) - self._said):
            self._said.add(key)
            self._say(f"waiting for {found[key].name} ({found[key].kind}): {_harmless(found[key])}")
        self._seen = set(found)

    def _log(self, reason: Reason) -> list[str]:
        if not reason.pod:
            return []
        with contextlib.suppress(ClusterProblem):
            return self._masked(self._runtime.last_words(reason, _TAIL)).splitlines()
        return []

    def _masked(self, text: str) -> str:
        for value in self._secrets():
            if len(value) >= _LEAST:
                text = text.replace(value, _MASK)
        return text


def _harmless(reason: Reason) -> str:
    """What may be said while the update runs, when nobody can ask for the secrets: a probe's words are the program's own."""
    return _HARMLESS if reason.kind == "probe" else reason.words
