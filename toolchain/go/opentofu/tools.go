//go:build tools

// Package tools names OpenTofu, so that go.mod and go.sum pin it.
package tools

import _ "github.com/opentofu/opentofu/cmd/tofu"
