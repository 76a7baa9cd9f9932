//go:build tools

// Package tools names RabbitMQ's messaging topology operator, so that go.mod and go.sum pin it.
package tools

import _ "github.com/rabbitmq/messaging-topology-operator"
