// Command pulumi-resource-kafka is the Pulumi resource plugin for Kafka.
package main

import "plat.dev/toolchain/kafka/internal/kafka"

func main() { kafka.Serve() }
