//go:build tools

// Package tools names Prometheus' operator, so that go.mod and go.sum pin the module with its definitions.
package tools

import _ "github.com/prometheus-operator/prometheus-operator/pkg/versionutil"
