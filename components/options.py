"""The options of resources, made in one place so that none is without a parent and no data without protection."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi


def child(  # noqa: PLR0913 - an argument for each thing that differs
    parent: pulumi.Resource,
    *,
    provider: pulumi.ProviderResource | None = None,
    depends_on: Sequence[pulumi.Resource] = (),
    holds_data: bool = False,
    kept: bool = False,
    seconds: int | None = None,
    anew_with: str | None = None,
    once: Sequence[str] = (),
) -> pulumi.ResourceOptions:
    """Options for a resource below `parent`.

    With `holds_data` it is protected and retained from its creation on: Pulumi reads both from the state as it was
    before the operation that would delete it, so that adding them later comes too late. What is `kept` is retained, but may
    leave the stack at any time. `seconds` is how long making or changing it may take; its provider decides for None. When the
    property at the path `anew_with` changes, it is deleted and made anew. A change at one of the paths `once` replaces it,
    which is refused where it holds data.
    """
    timeouts = pulumi.CustomTimeouts(create=f"{seconds}s", update=f"{seconds}s") if seconds else None
    return pulumi.ResourceOptions(
        parent=parent,
        provider=provider,
        depends_on=list(depends_on),
        protect=holds_data,
        retain_on_delete=holds_data or kept,
        custom_timeouts=timeouts,
        replace_on_changes=[*once, *([anew_with] if anew_with else [])],
        delete_before_replace=True if anew_with else None,
    )
