"""A healthcare workforce platform: two contexts, and an anti-corruption layer that is none."""
