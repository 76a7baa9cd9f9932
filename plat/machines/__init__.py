"""Machines that are entered over SSH."""
