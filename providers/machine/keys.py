"""Ed25519 key pairs in OpenSSH's formats, made in memory."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from providers.common.errors import Problem


def new_private_key() -> str:
    """Make a private key, not encrypted."""
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
        .decode()
    )


def public_key_of(private_key: str) -> str:
    """Return the public half, without a comment. Raises Problem where it is none of Ed25519, or is encrypted."""
    try:
        key = serialization.load_ssh_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        msg = "the private key is no unencrypted Ed25519 key in OpenSSH's format: `ssh-keygen -t ed25519 -N ''` makes one"
        raise Problem(msg)
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
