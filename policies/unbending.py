"""Keeps the pack's configuration from weakening it.

`--policy-pack-config` can set any policy to advisory or disabled, and the SDK obeys without asking the policy. The one
place where the pack learns of it is the SDK's own servicer, which is replaced here by one that refuses: the engine then
stops before anything is made.
"""

from __future__ import annotations

from typing import Any

import grpc  # type: ignore[import-untyped] # no type hints are published for it
from pulumi.runtime.proto import MANDATORY, RemediateResponse
from pulumi_policy import policy as sdk

_Servicer: Any = sdk._PolicyAnalyzerServicer  # noqa: SLF001 - the SDK has no public way to see its configuration


class UnbendingServicer(_Servicer):  # type: ignore[misc]
    """The SDK's servicer, but for weaker levels than mandatory."""

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ANN401, N802 - the SDK's signature
        """Takes a configuration in which every policy stays mandatory; aborts the call for any other."""
        weakened = sorted(name for name, config in request.policyConfig.items() if config.enforcementLevel != MANDATORY)
        if weakened:
            context.abort(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"the configuration of the policy pack weakens {', '.join(weakened)}: what keeps contexts apart is not to be "
                "switched off. Leave --policy-pack-config out, and change the landscape where it is wrong",
            )
        return super().Configure(request, context)

    def Remediate(self, _request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: ANN401, N802 - the SDK's signature
        """Changes nothing, as no policy of the pack does: the SDK would read every property first to find that out."""
        return RemediateResponse()


def install() -> None:
    """Makes every PolicyPack of this process unbending."""
    sdk._PolicyAnalyzerServicer = UnbendingServicer  # type: ignore[misc]  # noqa: SLF001 - see above
