"""What types of resources are called in the words of the domain, on every target."""

from __future__ import annotations

from collections.abc import Mapping

from plat.engine.steps import Step

DEPLOYABLE = "deployable"

_SILENT = ("pulumi:", "plat:")
"""Stacks, ways into servers and our own components: what is in them is told by itself."""

_NOUNS: Mapping[str, str] = {
    "docker:Container": DEPLOYABLE,
    "docker:Network": "network",
    "docker:RemoteImage": "image",
    "docker:Volume": "volume",
    "kafka:Acl": "right at the broker",
    "kafka:Topic": "topic",
    "kafka:UserScramCredential": "identity at the broker",
    "kubernetes:Binding": "binding",
    "kubernetes:Cluster": "server",
    "kubernetes:ClusterRole": "rights in the cluster",
    "kubernetes:ClusterRoleBinding": "rights in the cluster",
    "kubernetes:ConfigMap": "configuration",
    "kubernetes:CronJob": "copies",
    "kubernetes:Deployment": DEPLOYABLE,
    "kubernetes:Exchange": "exchange",
    "kubernetes:HTTPRoute": "way in from outside",
    "kubernetes:HorizontalPodAutoscaler": "scaling",
    "kubernetes:Job": "work to be done once",
    "kubernetes:Kafka": "broker",
    "kubernetes:KafkaTopic": "topic",
    "kubernetes:KafkaUser": "identity at the broker",
    "kubernetes:LimitRange": "limits",
    "kubernetes:Namespace": "namespace",
    "kubernetes:NetworkPolicy": "network rules",
    "kubernetes:Permission": "rights at the broker",
    "kubernetes:PersistentVolumeClaim": "volume",
    "kubernetes:PodDisruptionBudget": "limits on interruptions",
    "kubernetes:Policy": "limits of queues",
    "kubernetes:Queue": "queue",
    "kubernetes:RabbitmqCluster": "broker",
    "kubernetes:ResourceQuota": "quota",
    "kubernetes:Role": "rights in the cluster",
    "kubernetes:RoleBinding": "rights in the cluster",
    "kubernetes:ScaledObject": "scaling",
    "kubernetes:ScheduledBackup": "copies",
    "kubernetes:Secret": "secret",
    "kubernetes:Service": "address",
    "kubernetes:ServiceAccount": "identity in the cluster",
    "kubernetes:StatefulSet": "server",
    "kubernetes:TopicPermission": "rights at the broker",
    "kubernetes:User": "identity at the broker",
    "kubernetes:ValidatingAdmissionPolicy": "rules of the cluster",
    "kubernetes:ValidatingAdmissionPolicyBinding": "rules of the cluster",
    "kubernetes:Vhost": "virtual host",
    "libvirt:Domain": "machine",
    "libvirt:Volume": "disk",
    "platlocal:MongoDBUser": "account",
    "platlocal:MySQLDatabase": "database",
    "platlocal:MySQLUser": "account",
    "platlocal:Outbox": "outbox",
    "platlocal:PostgresContract": "views of the contract",
    "platlocal:PostgresFence": "fence",
    "platlocal:PostgresSchema": "schema",
    "platlocal:Process": DEPLOYABLE,
    "platlocal:RedisUser": "account",
    "platlocal:Server": "server",
    "postgresql:Database": "database",
    "postgresql:Grant": "privileges",
    "postgresql:Role": "role",
    "rabbitmq:Binding": "binding",
    "rabbitmq:Exchange": "exchange",
    "rabbitmq:Permissions": "rights at the broker",
    "rabbitmq:Policy": "limits of queues",
    "rabbitmq:Queue": "queue",
    "rabbitmq:TopicPermissions": "rights at the broker",
    "rabbitmq:User": "identity at the broker",
    "rabbitmq:VHost": "virtual host",
    "random:RandomPassword": "password",
}

_HOLDING = {
    "broker",
    "database",
    "disk",
    "machine",
    "queue",
    "schema",
    "server",
    "topic",
    "virtual host",
    "volume",
}

_VERBS: Mapping[str, str] = {
    "create": "appears",
    "delete": "disappears",
    "import": "is taken over",
    "replace": "is made anew",
    "update": "changes",
}

_RUNS: Mapping[str, str] = {
    "create": "started",
    "delete": "stopped",
    "import": "taken over",
    "replace": "stopped, and started anew",
    "update": "changed, and started anew",
}


def short(step: Step) -> str:
    """A resource's type without its module: `rabbitmq:Queue`."""
    package, _, rest = step.type.partition(":")
    return f"{package}:{rest.rpartition(':')[2]}"


def is_silent(step: Step) -> bool:
    """Whether the domain has no word for what the step is about."""
    return step.type.startswith(_SILENT)


def noun(step: Step) -> str:
    """What the domain calls the kind of resource; its own type where it has no word for it."""
    return _NOUNS.get(short(step), short(step))


def phrase(step: Step) -> str:
    """What happens to the resource, and by what that shows: `` `order_queue` (queue) appears``."""
    keys = f": {', '.join(step.keys)}" if step.keys and step.op != "create" else ""
    return f"`{step.name}` ({noun(step)}) {_VERBS[step.op]}{keys}"


def runs(step: Step) -> str:
    """What happens to a deployable."""
    return _RUNS[step.op]


def holds_data(step: Step) -> bool:
    """Whether there is data in what the step is about: by its kind, or since it is protected."""
    return step.protected or noun(step) in _HOLDING
