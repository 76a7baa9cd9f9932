//go:build tools

// Package tools names KEDA's programs, so that go.mod and go.sum pin them.
package tools

import (
	_ "github.com/kedacore/keda/v2/cmd/adapter"
	_ "github.com/kedacore/keda/v2/cmd/operator"
)
