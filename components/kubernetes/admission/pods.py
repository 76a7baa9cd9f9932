"""Pods, and whatever makes some: whose they are, what they hold, and that they stay inside of their fences."""

from __future__ import annotations

from components.kubernetes.admission.facts import FORM, OURS, PLANNED, SERVERS, VARIABLES
from components.kubernetes.admission.policy import BREACH, CHANGES, OWNERSHIP, Check, On, Policy, text, texts
from plat.kubernetes import labels
from plat.kubernetes.flows import STRIMZI
from plat.plan.model import Cluster

_FENCED = "leave it out, a pod has its own network, its own files and its own account"
_VARIABLES = "use the variables that Plat hands over, they are the workload's own"
_OWN_NAME = "leave the label to Plat, which puts it on what descriptors describe"

_HARMLESS_VOLUMES = ("name", "configMap", "downwardAPI", "emptyDir", "ephemeral", "image", "secret", "projected")

# What of a pod is compared with the plan; `facts.pod_shape` says the same of what is planned.
_SHAPE = f"""[
  '%s'.format([{texts(OURS)}.map(label, variables.labels[?label].orValue(''))]),
  '%s'.format([[variables.account]])
] + variables.containers.map(it, '%s'.format([[
  dyn([it.name, it.image]), dyn(it.?command.orValue([])), dyn(it.?args.orValue([])),
  dyn(it.?env.orValue([]).map(variable, [
    variable.name, variable.?value.orValue(''),
    variable.?valueFrom.?secretKeyRef.?name.orValue(''), variable.?valueFrom.?secretKeyRef.?key.orValue('')
  ])),
  dyn(string(size(it.?envFrom.orValue([]))))
]])) + variables.volumes.map(it, '%s'.format([[
  it.name, it.?secret.?secretName.orValue(''), it.?persistentVolumeClaim.?claimName.orValue(''),
  has(it.projected) ? 'projected' : ''
]]))"""

_TEMPLATE = """object.kind == 'Pod' ? object :
object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template :
object.kind == 'PodTemplate' ? object.template : object.spec.template"""


def policy(cluster: Cluster) -> Policy:
    """Every kind that makes pods, pods by themselves too. What controllers make of a template was judged as that."""
    return Policy(
        "pods",
        [
            On("", ["pods", "podtemplates", "replicationcontrollers"]),
            On("apps", ["daemonsets", "deployments", "replicasets", "statefulsets"]),
            On("batch", ["cronjobs", "jobs"]),
        ],
        [*_whose(), *_held(), *_on_the_node()],
        {
            "template": _TEMPLATE,
            "spec": "variables.template.spec",
            "labels": "variables.template.?metadata.?labels.orValue({})",
            "account": "variables.spec.?serviceAccountName.orValue('')",
            "containers": "variables.spec.?initContainers.orValue([]) + variables.spec.containers",
            "servers": _names(SERVERS),
            "given": _names(VARIABLES),
            "volumes": "variables.spec.?volumes.orValue([])",
            # A pod that is there keeps what it was judged for, but for its labels and images.
            "settled": "object.kind == 'Pod' && request.operation == 'UPDATE'",
            "shape": f"({_SHAPE}).join('\\n')",
            # Of Jobs that work inside of a server there may be any number: all are alike but for their name.
            "form": f"variables.plan[?('Job{FORM}' + variables.labels[?'{labels.INSIDE}'].orValue(''))].orValue('')",
            "as_planned": "(variables.planned && variables.fixed == variables.shape) || (object.kind == 'Job' && "
            "variables.form != '' && variables.form.replace('{name}', object.metadata.?name.orValue('')) == variables.shape)",
            "tries": _tries(cluster.images["plat"]),
            "free": "variables.settled || variables.as_planned",
            "said": f"variables.labels[?'{labels.TEAM}'].orValue(object.metadata.?labels[?'{labels.TEAM}'].orValue(''))",
        },
        conditions={"something-changes": f"object.kind == 'Pod' || {CHANGES}"},
        planned=True,
    )


def _names(key: str) -> str:
    """The list of names that a fact is."""
    return f"variables.plan[?'{key}'].orValue('').split(',').filter(name, name != '')"


def _tries(image: str) -> str:
    """A pod of `plat verify`: of the platform's own image, asleep, and holding nothing."""
    return (
        f"object.kind == 'Pod' && variables.provisions && variables.labels[?'{labels.TRIES}'].orValue('') == 'true' && "
        f"variables.containers.all(it, it.image == {text(image)} && it.?command.orValue([''])[0] == 'sleep' && "
        "!has(it.env) && !has(it.envFrom)) && variables.volumes.all(it, has(it.emptyDir))"
    )


def _whose() -> list[Check]:
    own = f"namespaceObject.metadata.?labels[?'{labels.TEAM}'].orValue('')"
    unit = f"namespaceObject.metadata.?labels[?'{labels.UNIT}'].orValue('')"
    kept = (
        f"{texts(OURS)}.all(label, object.metadata.?labels[?label] == oldObject.metadata.?labels[?label]) && "
        "object.spec.containers.all(it, oldObject.spec.containers.exists(old, old.name == it.name && old.image == it.image))"
    )
    return [
        Check(
            BREACH,
            f"!variables.settled || ({kept})",
            "a pod stays what it was made as, and whose it was made for",
            "change the descriptor and run `plat up`",
        ),
        Check(
            BREACH,
            "!variables.planned || object.kind in ['CronJob', 'Pod'] || variables.as_planned",
            "it bears the name of what the landscape plans, and differs from it",
            "leave it to Plat, it follows from the descriptors and the environment",
        ),
        Check(
            BREACH,
            f"variables.free || variables.tries || !({texts(labels.ROLES)}.exists(label, label in variables.labels) || "
            f"variables.labels.exists(label, label.startsWith('{STRIMZI}')))",
            "it is labelled as what the plan has, whose traffic and rights it would get",
            _OWN_NAME,
        ),
        Check(
            OWNERSHIP,
            f"variables.settled || variables.said == {own}",
            "nobody says whose it is, or it says that it is another team's than this unit's",
            f"label it with `{labels.TEAM}` of its unit, or put it into the namespace of whose it is",
        ),
        Check(
            OWNERSHIP,
            f"variables.settled || variables.labels[?'{labels.UNIT}'].orValue({unit}) == {unit}",
            "it says that it is another unit's",
            "put it into the namespace of whose it is",
        ),
    ]


def _held() -> list[Check]:
    secret = {
        "variable": "it.?env.orValue([]).exists(held, {})".format(_foreign("held.?valueFrom.?secretKeyRef.?name.orValue('')")),
        "all": "it.?envFrom.orValue([]).exists(held, {})".format(_foreign("held.?secretRef.?name.orValue('')")),
        "file": _foreign("it.?secret.?secretName.orValue('')"),
        "projected": "it.?projected.?sources.orValue([]).exists(held, {})".format(_foreign("held.?secret.?name.orValue('')")),
    }
    return [
        Check(
            BREACH,
            f"variables.free || !variables.containers.exists(it, {secret['variable']} || {secret['all']})",
            "it is given the secret of an administrator, or of another workload",
            _VARIABLES,
        ),
        Check(
            BREACH,
            f"variables.free || !variables.volumes.exists(it, {secret['file']} || {secret['projected']})",
            "it mounts the secret of an administrator, or of another workload",
            _VARIABLES,
        ),
        Check(
            BREACH,
            "variables.free || !variables.volumes.exists(it, has(it.persistentVolumeClaim) && "
            "variables.servers.exists(server, it.persistentVolumeClaim.claimName == server || "
            "it.persistentVolumeClaim.claimName.startsWith(server + '-') || "
            "['persistence-', 'data-0-'].exists(start, it.persistentVolumeClaim.claimName.startsWith(start + server + '-'))))",
            "it mounts the volume of a server, past all that the server asks",
            _VARIABLES,
        ),
        Check(
            BREACH,
            f"variables.free || !('ServiceAccount{PLANNED}' + variables.account in variables.plan || "
            "variables.servers.exists(server, ['', '-server', '-kafka', '-entity-operator'].exists(end, "
            "variables.account == server + end)))",
            "it runs as the account of what the plan has",
            "leave `serviceAccountName` out, or name an account of its own",
        ),
        Check(
            BREACH,
            "variables.settled || !variables.spec.?automountServiceAccountToken.orValue(false)",
            "it may speak to the cluster's API, which is above every fence",
            _FENCED,
        ),
        Check(
            BREACH,
            "variables.settled || variables.volumes.all(it, has(it.persistentVolumeClaim) || it.all(kind, kind in "
            f"{texts(_HARMLESS_VOLUMES)}))",
            "it reaches storage that the plan does not know, or the node itself",
            _FENCED,
        ),
        Check(
            BREACH,
            "variables.settled || !variables.volumes.exists(it, "
            "it.?ephemeral.?volumeClaimTemplate.?spec.orValue({}).exists(field, field in "
            "['volumeName', 'dataSource', 'dataSourceRef', 'selector'])) && "
            "!object.?spec.?volumeClaimTemplates.orValue([]).exists(it, ['volumeName', 'dataSource', 'dataSourceRef', "
            "'selector'].exists(field, field in it.spec))",
            "it takes over storage that is there already",
            "declare the datastore in its context's descriptor, its volume follows from it",
        ),
    ]


def _foreign(name: str) -> str:
    """Whether the Secret called by the expression `name` is a server's, or that of a workload that acts for others."""
    return (
        f"({name} != '' && (('Secret{PLANNED}' + {name} in variables.plan && !({name} in variables.given)) || "
        f"variables.servers.exists(server, {name}.startsWith(server + '-'))))"
    )


def _on_the_node() -> list[Check]:
    security = "it.?securityContext.?{}.orValue({})"
    return [
        Check(
            BREACH,
            "variables.settled || !['hostNetwork', 'hostPID', 'hostIPC'].exists(field, variables.spec[?field].orValue(false))",
            "it is outside of every fence, on the node itself",
            _FENCED,
        ),
        Check(
            BREACH,
            "variables.settled || (variables.spec.?nodeName.orValue('') == '' && "
            "variables.spec.?runtimeClassName.orValue('') == '' && "
            "variables.spec.?schedulerName.orValue('default-scheduler') == 'default-scheduler')",
            "it goes round what decides where and how pods run",
            _FENCED,
        ),
        Check(
            BREACH,
            f"variables.settled || !variables.containers.exists(it, {security.format('privileged', 'false')} || "
            f"{security.format('allowPrivilegeEscalation', 'false')} || "
            "size(it.?securityContext.?capabilities.?add.orValue([])) > 0)",
            "it is given powers of the node",
            _FENCED,
        ),
        Check(
            BREACH,
            "variables.settled || !variables.containers.exists(it, it.?ports.orValue([]).exists(port, "
            "port.?hostPort.orValue(0) != 0))",
            "it is reached by way of the node, past every policy",
            _FENCED,
        ),
        Check(
            BREACH,
            "variables.settled || size(variables.spec.?resourceClaims.orValue([])) == 0",
            "it is given devices of the node",
            _FENCED,
        ),
        Check(
            BREACH,
            "variables.settled || size(variables.spec.?hostAliases.orValue([])) == 0",
            "it gives another address a name of its own choice",
            _FENCED,
        ),
    ]
