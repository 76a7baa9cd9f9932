"""Whether a cluster answers, and what to tell whoever needs it where it does not."""

from __future__ import annotations

from pathlib import Path

from plat.kubernetes.kubectl import Access, ClusterProblem, Kubectl

_SECONDS = 10

# What Pulumi's provider leaves out of a preview where the API server does not answer.
_UNCHECKED = (
    "whether the API server would take the objects (its dry run), whether it knows their types, what its admission says to "
    "them, and what is there that the stack does not know of or was changed by hand"
)


class Silence(ClusterProblem):
    """The cluster does not answer. `reason` is why, and which cluster that is."""

    def __init__(self, cluster: Access, reason: str) -> None:
        file = f"kubeconfig `{cluster.kubeconfig}`" if cluster.kubeconfig else "kubeconfig as kubectl finds it"
        context = f"context `{cluster.context}`" if cluster.context else "its current context"
        self.reason = f"the cluster does not answer ({file}, {context}): {reason}"
        tried = "".join(
            f" --{option} {value}"
            for option, value in (("kubeconfig", cluster.kubeconfig), ("context", cluster.context))
            if value
        )
        super().__init__(
            f"{self.reason}. Nothing was changed. See to it that `kubectl{tried} get --raw /api` answers in the project's "
            "folder, or name another kubeconfig or context in the environment; a preview works without it"
        )

    @property
    def warning(self) -> str:
        """What a preview has to say that goes on all the same."""
        return (
            f"{self.reason}. This preview compares the descriptors with the state of the stack, and nothing else. "
            f"Not checked: {_UNCHECKED}. An update needs the cluster"
        )


def ask(cluster: Access, root: Path) -> None:
    """Ask the API server whether it answers who asks; a kubeconfig's path counts from `root`. Raises ClusterProblem.

    It is a `Silence` where the cluster does not, and a plain ClusterProblem where there is nothing to ask it with.
    """
    kubectl = Kubectl(cluster, root)
    kubectl.command()
    try:
        # Of all that every cluster has, this is what only those may read whom it knows.
        kubectl.run("get", "--raw", "/api", f"--request-timeout={_SECONDS}s", timeout=2 * _SECONDS)
    except ClusterProblem as problem:
        raise Silence(cluster, _last_line(str(problem))) from None


def _last_line(text: str) -> str:
    """The line that says it all: client-go repeats itself in logs of its own before it."""
    return text.strip().splitlines()[-1].removeprefix("kubectl get: ").removeprefix("error: ").rstrip(".")
