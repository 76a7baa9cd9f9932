//go:build tools

// Package tools names the provider by which OpenTofu applies any object, so that go.mod and go.sum pin it.
package tools

import _ "github.com/gavinbunney/terraform-provider-kubectl"
