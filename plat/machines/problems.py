"""What keeps one out of a machine: one class, one message each; none holds a secret."""

from __future__ import annotations

from collections.abc import Iterable


class SshProblem(Exception):  # noqa: N818 - named for what the user has, not for Python
    """A machine could not be entered, or what was to run on it did not come to its end."""


class NoAnswer(SshProblem):
    """Nobody answers, or the connection was lost. `said` is how ssh puts it."""

    def __init__(self, where: str, said: str) -> None:
        super().__init__(f"{where} does not answer over SSH ({said})")


class TooSlow(NoAnswer):
    """It was entered, or not even that, and nothing came to an end within the time given."""

    def __init__(self, where: str, seconds: float) -> None:
        super().__init__(where, f"nothing came back within {seconds:.0f} s")


class OtherHost(SshProblem):
    """Whoever answers does not hold the key of the machine. Fingerprints are as `ssh-keygen -l` writes them."""

    def __init__(self, where: str, shown: str, expected: str) -> None:
        super().__init__(
            f"who answers at {where} is not the machine that was meant: its host key is {shown or 'of another type'}, and "
            f"{expected} is expected. Nothing was sent to it. If the machine was rightly made anew, say its new host key"
        )


class Denied(SshProblem):
    """The machine is the right one, and lets this user not in by this key."""

    def __init__(self, where: str, user: str) -> None:
        super().__init__(f"{where} does not let `{user}` in by the key that Plat has: add it to that user's authorized_keys")


class NoClient(SshProblem):
    """OpenSSH's client is not on this machine."""

    def __init__(self, program: str) -> None:
        super().__init__(f"`{program}` is not installed here: `apt-get install openssh-client` (as root)")


class UnusableKey(SshProblem):
    """The private key is none that OpenSSH reads without a passphrase."""

    def __init__(self) -> None:
        super().__init__("the private key is none that OpenSSH reads without a passphrase")


class Failed(SshProblem):
    """What was to be done on a machine that was entered ended badly. `why` is in its own words, without a secret."""

    def __init__(self, where: str, what: str, why: str) -> None:
        super().__init__(f"{where}: {what}: {why}")


class NotMade(SshProblem):
    """The stack knows no way into a machine: no update has come to it yet."""

    def __init__(self, machine: str, again: str) -> None:
        super().__init__(f"machine `{machine}` is not there yet: {again} makes it ready")


class Silent(SshProblem):
    """Machines that do not answer are in the way. `told` is what each of them says, and `advice` what to do."""

    def __init__(self, told: Iterable[str], advice: str) -> None:
        super().__init__("\n".join([*told, f"nothing was removed: {advice}"]))
