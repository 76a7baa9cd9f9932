"""References between variables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.local.environment import resolve_environment
from providers.local.errors import Unusable

RESOLVED = {
    "a literal stays as it is": ({"A": "x y"}, {}, {"A": "x y"}),
    "a reference becomes the other's value": ({"A": "$(B)/c", "B": "b"}, {}, {"A": "b/c", "B": "b"}),
    "order is of no account, and references chain": ({"A": "$(B)", "B": "$(C)", "C": "c"}, {}, {"A": "c", "B": "c", "C": "c"}),
    "a secret can be referred to": ({"A": "http://$(S)@h"}, {"S": "pw"}, {"A": "http://pw@h", "S": "pw"}),
    "a secret's own value is taken literally": ({}, {"S": "$(S)$$"}, {"S": "$(S)$$"}),
    "a doubled dollar sign is one": ({"A": "$$(B) costs 5$$"}, {}, {"A": "$(B) costs 5$"}),
    "a dollar sign before anything else stays": ({"A": "$5 ${B} $"}, {}, {"A": "$5 ${B} $"}),
    "an open bracket that is never closed stays": ({"A": "$(B"}, {}, {"A": "$(B"}),
}


@pytest.mark.parametrize("case", RESOLVED)
def test_variables_are_resolved(case: str) -> None:
    environment, secrets, expected = RESOLVED[case]
    assert resolve_environment(environment, secrets) == expected


REFUSED = {
    "a reference to nothing": ({"A": "$(B)"}, {}, "variable A refers to $(B), which there is not"),
    "a reference to itself": ({"A": "$(A)"}, {}, "variable A refers to itself: A -> A"),
    "a circle": ({"A": "$(B)", "B": "$(A)"}, {}, "variable A refers to itself: A -> B -> A"),
    "one name twice": ({"A": "x"}, {"A": "y"}, "variable A is declared twice"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_resolved_is_refused(case: str) -> None:
    environment, secrets, message = REFUSED[case]
    with pytest.raises(Unusable) as refusal:
        resolve_environment(environment, secrets)
    assert str(refusal.value).startswith(message)


@given(st.text())
def test_any_text_can_be_written_literally(text: str) -> None:
    assert resolve_environment({"A": text.replace("$", "$$")}, {}) == {"A": text}
