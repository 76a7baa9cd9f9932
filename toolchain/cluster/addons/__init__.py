"""What a cluster has beside Kubernetes itself: metrics always, operators where they are asked for. Each runs as pods."""
