"""What the cluster and the plan have in common: labels, and how the cluster is asked."""
