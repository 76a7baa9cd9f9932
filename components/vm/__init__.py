"""The target vm: machines with a Docker Engine, and what runs in containers on them."""
