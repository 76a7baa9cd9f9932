"""A Kubernetes of one node, real and made from nothing, for the tests and for who has no cluster."""
