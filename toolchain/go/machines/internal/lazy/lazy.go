// Package lazy lets every operation of a provider get its client from an await.Connect.
package lazy

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

	"plat.dev/toolchain/await"
)

// Operations changes the provider's resources in place; whoever configures it gives an await.Connect for a client.
func Operations(provider *schema.Provider) {
	for _, resource := range provider.ResourcesMap {
		resource.CreateContext = await.LaterContext(resource.CreateContext, diag.FromErr)
		resource.ReadContext = await.LaterContext(resource.ReadContext, diag.FromErr)
		resource.UpdateContext = await.LaterContext(resource.UpdateContext, diag.FromErr)
		resource.DeleteContext = await.LaterContext(resource.DeleteContext, diag.FromErr)
	}
	for _, source := range provider.DataSourcesMap {
		source.ReadContext = await.LaterContext(source.ReadContext, diag.FromErr)
	}
}
