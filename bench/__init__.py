"""Measurements: each module is a script that prints its figures beside those of a peer, taken in the same run."""
