"""The policies: one that judges each resource before it is made, one that judges the stack at the end.

Two, since Pulumi hands over every property anew for each policy. Both are mandatory, and say so themselves: without a
level of its own a policy only advises.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from plat.refusal import Refusal
from policies.bench import Bench
from policies.reading import observed

NAME = "plat"


class Court:
    """Brings resources before the bench that `convene` makes, once, while the engine still starts the program.

    Whatever goes wrong refuses the resource: a landscape that cannot be loaded leaves nothing to judge by, and a judge
    that fails has not allowed anything.
    """

    def __init__(self, convene: Callable[[], Bench]) -> None:
        self._convened = ThreadPoolExecutor(1).submit(convene)
        self._has_said_why = False

    def judge_resource(self, arguments: ResourceValidationArgs, report: ReportViolation) -> None:
        """Reports every finding on one resource."""
        bench = self._opened(report)
        if not bench:
            return
        try:
            for finding in bench.findings(observed(arguments)):
                report(finding.render(), None)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it must refuse, and its text may hold a secret
            report(_failed(arguments.resource_type, problem), None)

    def judge_stack(self, arguments: StackValidationArgs, report: ReportViolation) -> None:
        """Reports every finding that only the whole stack shows."""
        bench = self._opened(report)
        if not bench:
            return
        try:
            for resource, finding in bench.findings_at_the_end(observed(item) for item in arguments.resources):
                report(finding.render(), resource.urn)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it must refuse, and its text may hold a secret
            report(_failed("the stack", problem), None)

    def _opened(self, report: ReportViolation) -> Bench | None:
        try:
            return self._convened.result()
        except Refusal as refusal:
            why = "\n".join(refusal.lines)
        except Exception as problem:  # noqa: BLE001 - whatever it is, there is nothing to judge by
            why = f"{type(problem).__name__}: {problem}"
        said = " (the first refusal says why)" if self._has_said_why else f":\n{why}"
        report(f"the landscape could not be loaded, so that nothing can be judged{said}", None)
        self._has_said_why = True
        return None


def policies(convene: Callable[[], Bench]) -> list[Policy]:
    """The policies of the pack, judging by the bench that `convene` makes."""
    court = Court(convene)
    return [
        ResourceValidationPolicy(
            name="fences",
            description="Contexts own what is theirs, and touch nothing else without a declared relation.",
            validate=court.judge_resource,
            enforcement_level=EnforcementLevel.MANDATORY,
        ),
        StackValidationPolicy(
            name="fences-stand",
            description="Every fence between contexts stands, and nothing is read from outside of the landscape.",
            validate=court.judge_stack,
            enforcement_level=EnforcementLevel.MANDATORY,
        ),
    ]


def _failed(what: str, problem: Exception) -> str:
    return f"{what} could not be judged: the policy pack failed ({type(problem).__name__}), and what is not judged is refused"
