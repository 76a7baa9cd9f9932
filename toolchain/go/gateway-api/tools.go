//go:build tools

// Package tools names the Gateway API, so that go.mod and go.sum pin the module with its definitions.
package tools

import _ "sigs.k8s.io/gateway-api/apis/v1"
