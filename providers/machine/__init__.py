"""Machines that contexts run on: keys, a wait until one can be used, and its firewall.

`sdk` is for Pulumi programs; `__main__` is the plugin that Pulumi starts.
"""
