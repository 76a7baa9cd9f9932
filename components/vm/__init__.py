"""Contexts on machines of their own."""
