"""The error catalogue: every error of the loader, each function building one text from typed arguments.

`reading` speaks about files and YAML, `values` about one descriptor, `linking` about what descriptors say of each other.
"""
