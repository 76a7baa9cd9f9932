"""Pulumi components: one per concept, thin, and an adapter per target. They decide nothing: the plan has."""
