"""Makes what is inside of one server of a cluster, from a pod beside it, as the local target's plugin does on one machine."""
