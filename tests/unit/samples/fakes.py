"""What stands in for the world around a service: upstreams that answer from a table, a Redis in a dictionary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from samples.broker import Message
from samples.web import Request


@dataclass
class FakeUpstream:
    """Answers each operation with what stands in `answers`, which may be an exception to raise."""

    answers: Mapping[str, Mapping[str, Any] | Exception]
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def ask(self, operation: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        return self._answer(operation, query)

    def tell(self, operation: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._answer(operation, document)

    def _answer(self, operation: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((operation, document))
        answer = self.answers[operation]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class FakeRedis:
    """As much of Redis as the samples use; nothing expires."""

    kept: dict[str, str] = field(default_factory=dict)

    def set(self, key: str, value: str, *, nx: bool = False, ex: int | None = None) -> bool | None:  # noqa: ARG002 - theirs
        if nx and key in self.kept:
            return None
        self.kept[key] = value
        return True

    def get(self, key: str) -> str | None:
        return self.kept.get(key)


def message(event: str, body: Mapping[str, Any], message_id: str = "m-1") -> Message:
    return Message(message_id, event, json.dumps(body).encode())


def posted(operation: str, body: Mapping[str, Any]) -> Request:
    return Request("POST", operation, body=json.dumps(body).encode())
