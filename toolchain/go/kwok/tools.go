//go:build tools

// Package tools names kwok, which plays nodes and pods, so that go.mod and go.sum pin it.
package tools

import _ "sigs.k8s.io/kwok/cmd/kwok"
