//go:build tools

// Package tools names RabbitMQ's cluster operator, so that go.mod and go.sum pin it.
package tools

import _ "github.com/rabbitmq/cluster-operator/v2"
