// Package shim opens the internal package of the Terraform provider for Docker: its module path lies below that provider's,
// which is what Go's rule of internal packages asks for.
package shim

import (
	"context"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	internal "github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// Provider is the Terraform provider.
func Provider() *schema.Provider { return internal.New("plat")() }

// Answers tries once whether Docker answers to a configured provider's client.
func Answers(ctx context.Context, client any) error {
	_, err := client.(*internal.ProviderConfig).MakeClient(ctx, nil)
	return err
}
