"""Lets resources be found again that `pulumi state move` has brought into this stack.

It leaves components where they are, so that what it moves stands right below the stack there: each resource is known by that
name too (https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/).
"""

from __future__ import annotations

import pulumi


def known_when_moved() -> None:
    """Make every resource that is registered from now on known as if it stood right below the stack."""
    pulumi.runtime.register_stack_transformation(_known)


def _known(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    custom = isinstance(args.resource, pulumi.CustomResource | pulumi.ProviderResource)
    if not custom or args.type_ == "pulumi:pulumi:StackReference":
        return None
    moved = pulumi.ResourceOptions(aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)])
    return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, moved))
