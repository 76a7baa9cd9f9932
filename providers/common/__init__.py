"""What provider plugins written in Python have in common."""
