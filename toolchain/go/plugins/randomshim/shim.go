// Package shim opens the internal provider package of the Terraform random provider: its module path lies below that
// provider's, which is what Go's rule of internal packages asks for.
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	internal "github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// Provider is the Terraform provider.
func Provider() provider.Provider { return internal.New() }
