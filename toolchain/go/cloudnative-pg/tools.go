//go:build tools

// Package tools names CloudNativePG's program, so that go.mod and go.sum pin it.
package tools

import _ "github.com/cloudnative-pg/cloudnative-pg/cmd/manager"
