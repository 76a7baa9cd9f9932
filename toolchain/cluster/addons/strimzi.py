"""The definitions of Strimzi's kinds: objects can be made and are judged. No operator that would make a Kafka of them.

Strimzi's operators are published as images alone, which cannot be had here. Its API is published as classes as well, with the
program by which its authors make their definitions of them (https://central.sonatype.com/artifact/io.strimzi/crd-generator).
"""

from __future__ import annotations

from toolchain.cluster.addons.addon import AddOn, Definitions, Given, Object

_MODEL = "io.strimzi.api.kafka.model"
_KINDS = (
    "bridge.KafkaBridge",
    "connect.KafkaConnect",
    "connector.KafkaConnector",
    "kafka.Kafka",
    "mirrormaker2.KafkaMirrorMaker2",
    "nodepool.KafkaNodePool",
    "podset.StrimziPodSet",
    "rebalance.KafkaRebalance",
    "topic.KafkaTopic",
    "user.KafkaUser",
)


def _objects(given: Given) -> list[Object]:
    return given.copies()


STRIMZI = AddOn(
    Definitions(
        "strimzi",
        "api",
        ("io.strimzi.crdgenerator.CrdGenerator", "--yaml", "--label", "app:strimzi"),
        tuple(f"{_MODEL}.{kind}" for kind in _KINDS),
        java=21,
    ),
    (),
    _objects,
)
