//go:build tools

// Package tools names the gateway that gives S3 out of a folder, so that go.mod and go.sum pin it.
package tools

import _ "github.com/versity/versitygw/cmd/versitygw"
