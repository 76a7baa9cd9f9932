"""Where Pulumi keeps the states of an environment, and what the secrets in them are encrypted with, as a URL each.

Neither holds a credential: Pulumi reads those from its own environment (https://www.pulumi.com/docs/iac/concepts/state-and-backends/).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field

from plat.descriptors.suggest import did_you_mean

PASSPHRASE = "passphrase"  # noqa: S105 - what the provider is called
"""The secrets provider that needs nothing but `.plat/passphrase`."""

_AWS = ("awssdk", "endpoint", "profile", "region")
_BACKENDS: Mapping[str, tuple[str, ...]] = {
    "azblob": ("cdn", "domain", "localemu", "protocol", "storage_account"),
    "file": ("metadata", "no_tmp_dir"),
    "gs": ("access_id",),
    "s3": (*_AWS, "disableSSL", "disable_https", "kmskeyid", "s3ForcePathStyle", "ssetype", "use_path_style"),
}
_PROVIDERS: Mapping[str, tuple[str, ...]] = {
    "awskms": _AWS,
    "azurekeyvault": ("algorithm",),
    "gcpkms": (),
    "hashivault": ("engine",),
}
"""By scheme, the parameters that its URL may have. Nobody may write another, so that no credential stands among them."""

_FILE = "file://"
_NO_ATTRIBUTES = "metadata=skip"


def folder_of(url: str, root: Path) -> Path | None:
    """The folder that a `file://` URL means to Pulumi, which runs in the project's folder `root`; None for any other URL."""
    if not url.startswith(_FILE):
        return None
    return (root / Path(url.removeprefix(_FILE).partition("?")[0]).expanduser()).resolve()


def at_folder(folder: Path, parameters: str = "") -> str:
    """The `file://` URL by which Pulumi keeps states in `folder`, with `parameters` as in a query.

    Unless they say otherwise, nothing is kept beside the files: Pulumi would write attributes there that nobody asks for, and
    not as a whole, so that whoever reads a state at that moment is told `EOF` (`setAttrs` in gocloud.dev/blob/fileblob).
    """
    if "metadata" not in dict(parse_qsl(parameters, keep_blank_values=True)):
        parameters = f"{parameters}&{_NO_ATTRIBUTES}" if parameters else _NO_ATTRIBUTES
    return f"{_FILE}{folder}?{parameters}"


def is_same(first: str, second: str, root: Path) -> bool:
    """Whether two URLs mean the same backend to who runs in `root`."""
    return _place(first, root) == _place(second, root)


def _place(url: str, root: Path) -> tuple[str, ...]:
    if folder := folder_of(url, root):
        return (str(folder),)
    parts = urlsplit(url)
    return (parts.scheme, parts.netloc, parts.path.strip("/"), *sorted(parts.query.split("&")))


def _backend(text: str) -> str:
    _require(text, _BACKENDS)
    return text


def _provider(text: str) -> str:
    if text != PASSPHRASE:
        _require(text, _PROVIDERS, f"`{PASSPHRASE}`, ")
    return text


def _require(text: str, schemes: Mapping[str, tuple[str, ...]], besides: str = "") -> None:
    """Raise ValueError unless `text` is a URL of one of `schemes`. What is wrong is not repeated: it may be a secret."""
    scheme, separator, _ = text.partition("://")
    if not separator or scheme not in schemes:
        there = ", ".join(f"`{name}://`" for name in schemes)
        hint = did_you_mean(scheme, schemes) if scheme.isidentifier() else ""
        msg = f"begins with none of {besides}{there}" + (f": {hint}" if hint else "")
        raise ValueError(msg)
    try:
        url = urlsplit(text)
        parameters = dict(parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query)))
    except ValueError:
        url, parameters = None, {}
    if url is None or not text.isprintable() or " " in text:
        msg = "is no URL that can be read"
        raise ValueError(msg)
    if "@" in url.netloc or any("@" in value for value in parameters.values()):
        msg = "holds a credential: take it out, and have a new one made; Pulumi reads credentials from its own environment"
        raise ValueError(msg)
    for name in parameters:
        # The encryption context of `awskms` is no secret, and its names are anybody's.
        if name not in schemes[scheme] and not (scheme == "awskms" and name.startswith("context_")):
            known = schemes[scheme]
            near = did_you_mean(name, known) or (f"there are: {', '.join(known)}" if known else "it has none")
            msg = f"has a parameter `{name}`, which `{scheme}://` does not: {near}; a credential belongs into the environment"
            raise ValueError(msg)
    if not (url.netloc + url.path).strip("/"):
        msg = f"names nothing behind `{scheme}://`"
        raise ValueError(msg)


BackendUrl = Annotated[str, Field(max_length=1000), AfterValidator(_backend)]
"""What `pulumi login` takes, but for Pulumi's own service."""

SecretsProvider = Annotated[str, Field(max_length=1000), AfterValidator(_provider)]
"""What `pulumi stack init --secrets-provider` takes."""
