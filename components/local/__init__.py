"""The adapter of the local target: servers and deployables as processes on this machine."""
