"""Which texts may become a firewall: our own table and nothing beside it."""

from __future__ import annotations

import pytest

from providers.machine.ruleset import own_table_alone

TABLE = """\
# Rules of "plat {
table inet plat {
    chain input { type filter hook input priority filter; policy drop; tcp dport { 22, 80 } accept comment "} a # {"; }
}
"""


def test_one_table_of_ours_is_taken_as_it_is() -> None:
    assert own_table_alone(TABLE) == TABLE


REFUSED = {
    "nothing": ("", "with braces that match"),
    "another table": (TABLE.replace("inet plat", "inet filter"), "with braces that match"),
    "another family": (TABLE.replace("inet plat", "ip plat"), "with braces that match"),
    "a flush before it": (f"flush ruleset\n{TABLE}", "with braces that match"),
    "a flush behind it": (f"{TABLE}flush ruleset", "nothing may stand behind .* as `flush ruleset` does"),
    "a second table": (f"{TABLE}{TABLE}", "nothing may stand behind"),
    "a table that ends early": ("table inet plat { } table ip nat { }", "as `table ip nat {` does"),
    "a brace too many": (f"{TABLE}}}", "nothing may stand behind"),
    "a brace too few": ("table inet plat { chain input {", "with braces that match"),
    "a declaration alone": ("table inet plat", "with braces that match"),
    "a file of the machine": ('table inet plat { include "/etc/shadow" }', "`include` takes rules from files"),
    "an open quote": ('table inet plat { comment "a\n b" }', "a quote in line 1 is not closed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_anything_else_is_refused(case: str) -> None:
    text, told = REFUSED[case]
    with pytest.raises(ValueError, match=told):
        own_table_alone(text)
