"""What stands on this machine in namespaces of its own has in common: a network, mounts, daemons, an owner, an end."""
