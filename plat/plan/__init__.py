"""Landscape + environment -> plan: everything derived, nothing decided later."""
