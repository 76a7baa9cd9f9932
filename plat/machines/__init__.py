"""Machines that contexts have for themselves: which there are, how they are entered, what their firewalls let through."""
