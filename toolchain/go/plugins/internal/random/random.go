// Package random serves the resources of the pulumi-random SDK.
package random

import (
	"context"

	framework "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	upstream "github.com/terraform-providers/terraform-provider-random/shim"

	"plat.dev/toolchain/plugins/internal/bridge"
)

// Not below the SDK's version in pyproject.toml: the engine warns of an older plugin.
const version = "4.21.4"

// Serve runs the plugin until the engine lets go of it. The bridge for framework providers insists on metadata and a
// schema, though neither is read when resources are made; both are empty.
func Serve() {
	empty := []byte("{}")
	info := tfbridge.ProviderInfo{
		P:            framework.ShimProvider(upstream.Provider()),
		Name:         "random",
		Version:      version,
		MetadataInfo: tfbridge.NewProviderMetadata(empty),
		Resources: bridge.Resources("random", map[string]string{
			"random_bytes":    "RandomBytes",
			"random_id":       "RandomId",
			"random_integer":  "RandomInteger",
			"random_password": "RandomPassword",
			"random_pet":      "RandomPet",
			"random_shuffle":  "RandomShuffle",
			"random_string":   "RandomString",
			"random_uuid":     "RandomUuid",
		}),
	}
	framework.Main(context.Background(), info.Name, info, framework.ProviderMetadata{PackageSchema: empty})
}
