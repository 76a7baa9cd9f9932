"""`plat explain`: what a rule demands, why, how to comply, and whose wisdom it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from plat.cli.shared import Format, FormatOption, print_json, say
from plat.descriptors.suggest import did_you_mean
from plat.manual import MANUAL, Explanation, Group
from plat.manual.page import as_dict, as_text
from plat.project import Unreadable

_VERSION = 1


def explain(
    rule: Annotated[str | None, typer.Argument(help="A rule's id, as findings show it in brackets; left out: all.")] = None,
    format: FormatOption = Format.TEXT,  # noqa: A002 - the name of the option
) -> None:
    """Tells what a rule demands, why, how to comply, and whose wisdom it is; without a rule, lists all there are."""
    rules = tuple(MANUAL.values()) if rule is None else (_found(rule),)
    if format is Format.JSON:
        print_json({"version": _VERSION, "rules": [as_dict(item) for item in rules]})
    elif rule is None:
        _list(rules)
    else:
        say(as_text(rules[0]))


def _found(rule: str) -> Explanation:
    if rule in MANUAL:
        return MANUAL[rule]
    hint = did_you_mean(rule, MANUAL) or "`plat explain` lists all rules"
    msg = f"there is no rule `{rule}`: {hint}"
    raise Unreadable([msg])


def _list(rules: Iterable[Explanation]) -> None:
    listed = list(rules)
    width = max(len(rule.id) for rule in listed)
    for group in Group:
        say(f"{group}")
        for rule in listed:
            if rule.group is group:
                say(f"  {rule.id:<{width}}  {rule.severity:<7}  {rule.title}")
        say("")
    say("`plat explain RULE` tells why, how to comply and where a rule comes from")
