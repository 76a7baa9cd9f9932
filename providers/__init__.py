"""Provider plugins written in Python."""
