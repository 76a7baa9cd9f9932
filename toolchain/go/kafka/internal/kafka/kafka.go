// Package kafka serves the resources of the pulumi-kafka SDK.
package kafka

import (
	"sync"

	upstream "github.com/Mongey/terraform-provider-kafka/kafka"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"

	"plat.dev/toolchain/await"
)

// Not below the SDK's version in pyproject.toml: the engine warns of an older plugin.
const version = "3.13.3"

// The longest name of a topic that Kafka takes.
const longestName = 249

// Serve runs the plugin until the engine lets go of it.
func Serve() {
	info := info()
	tfbridge.Main(info.Name, info.Version, info, nil)
}

func info() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:       shim.NewProvider(patient(mended(upstream.Provider()))),
		Name:    "kafka",
		Version: version,
		Resources: map[string]*tfbridge.ResourceInfo{
			// Pulumi has properties of its own for a resource's name and type.
			"kafka_acl": {Tok: "kafka:index/acl:Acl", Fields: map[string]*tfbridge.SchemaInfo{
				"resource_name": {Name: "aclResourceName"}, "resource_type": {Name: "aclResourceType"},
			}},
			"kafka_quota":                 {Tok: "kafka:index/quota:Quota"},
			"kafka_topic":                 {Tok: "kafka:index/topic:Topic"},
			"kafka_user_scram_credential": {Tok: "kafka:index/userScramCredential:UserScramCredential"},
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"kafka_topic":  {Tok: "kafka:index/getTopic:getTopic"},
			"kafka_topics": {Tok: "kafka:index/getTopics:getTopics"},
		},
	}
	info.SetAutonaming(longestName, "-")
	return info
}

// patient makes the provider wait until the first of its brokers accepts connections, when it first needs it, and not
// when it is configured: see await.Connect.
func patient(provider *schema.Provider) *schema.Provider {
	configure := provider.ConfigureFunc
	provider.ConfigureFunc = func(data *schema.ResourceData) (any, error) {
		return await.Connect(sync.OnceValues(func() (any, error) {
			if address := first(data.Get("bootstrap_servers")); address != "" {
				try := func() error { return await.TCP(address) }
				if err := await.Answer("Kafka at "+address, await.Timeout(), await.Always, try); err != nil {
					return nil, err
				}
			}
			return configure(data)
		})), nil
	}
	for _, resource := range provider.ResourcesMap {
		resource.CreateContext = await.LaterContext(resource.CreateContext, diag.FromErr)
		resource.ReadContext = await.LaterContext(resource.ReadContext, diag.FromErr)
		resource.UpdateContext = await.LaterContext(resource.UpdateContext, diag.FromErr)
		resource.DeleteContext = await.LaterContext(resource.DeleteContext, diag.FromErr)
	}
	for _, source := range provider.DataSourcesMap {
		source.ReadContext = await.LaterContext(source.ReadContext, diag.FromErr)
	}
	return provider
}

// first is the address to dial of a list of brokers; empty where there is none.
func first(brokers any) string {
	list, _ := brokers.([]any)
	if len(list) == 0 {
		return ""
	}
	address, _ := list[0].(string)
	return address
}
