"""The rules by which an audit finds what the other rules cannot: they judge what is claimed, these what there is besides."""

from __future__ import annotations

from typing import Final

from plat.explanation import Group
from plat.findings import Severity
from plat.manual.chapter import Chapter

_CHAPTER: Final = Chapter(Group.AUDIT, "docs/adr/0036 (an audit reads states and servers as the policy pack reads resources)")

UNGRANTED: Final = _CHAPTER.rule(
    "right-beyond-plan",
    "A server gives nobody a right that the landscape does not grant",
    "What was granted by hand stands in no descriptor: nobody reviews it, nobody takes it away, and the next server that "
    "is made from the same descriptors does not have it.",
    "take the right away, or declare the relation that it follows from",
    source="Jerome Saltzer and Michael Schroeder, The Protection of Information in Computer Systems (1975): least privilege",
)

MISSING: Final = _CHAPTER.rule(
    "right-missing",
    "Every right that the landscape grants is there",
    "A context whose right was taken away by hand fails when it next needs it, which may be at night.",
    "`plat up LANDSCAPE --refresh` gives it back",
)

DRIFT: Final = _CHAPTER.rule(
    "drifted",
    "What a stack has made is still as it was made",
    "The last refresh has seen that something differs on the server from what the stack's state says.",
    "`plat up LANDSCAPE --refresh` puts it right",
)

LEFT_OVER: Final = _CHAPTER.rule(
    "left-over",
    "Nothing is left of what no descriptor declares any more",
    "A queue that nobody reads fills up, and a user of a context that is gone still comes in.",
    "`plat up LANDSCAPE` removes what is in a stack that it still has; the finding says what removes the rest",
)

KEPT: Final = _CHAPTER.rule(
    "kept-data",
    "Data of a context that is gone is kept until somebody decides",
    "Datastores are protected and retained from their creation on, so that a lost line in a descriptor loses no data. It "
    "is no mistake, and somebody should know of it.",
    "bring the context back, or retire its data by hand: copy it, then `pulumi state unprotect` it and destroy it",
    severity=Severity.WARNING,
)

TWICE: Final = _CHAPTER.rule(
    "held-twice",
    "Each thing is in one stack",
    "Two stacks that manage one thing undo each other's changes, and whichever is destroyed first takes it from the "
    "other. No stack's own check sees the other.",
    "take it out of one of them: `pulumi state delete` forgets it there and leaves it as it is",
)

AUDITS: Final = (UNGRANTED, MISSING, DRIFT, LEFT_OVER, KEPT, TWICE)
