"""The adapter of the target kubernetes: the objects of a plan as plain manifests, and the stack that applies them."""
