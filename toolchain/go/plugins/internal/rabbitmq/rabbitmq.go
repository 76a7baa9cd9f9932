// Package rabbitmq serves the resources of the pulumi-rabbitmq SDK.
package rabbitmq

import (
	"net"
	"net/url"
	"sync"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	upstream "github.com/terraform-providers/terraform-provider-rabbitmq/rabbitmq"

	"plat.dev/toolchain/await"
	"plat.dev/toolchain/plugins/internal/bridge"
)

// Not below the SDK's version in pyproject.toml: the engine warns of an older plugin.
const version = "3.5.3"

// The longest name that AMQP's short strings carry.
const longestName = 255

// Serve runs the plugin until the engine lets go of it.
func Serve() {
	info := tfbridge.ProviderInfo{
		P:       shim.NewProvider(patient(upstream.Provider())),
		Name:    "rabbitmq",
		Version: version,
		Resources: bridge.Resources("rabbitmq", map[string]string{
			"rabbitmq_binding":             "Binding",
			"rabbitmq_exchange":            "Exchange",
			"rabbitmq_federation_upstream": "FederationUpstream",
			"rabbitmq_operator_policy":     "OperatorPolicy",
			"rabbitmq_permissions":         "Permissions",
			"rabbitmq_policy":              "Policy",
			"rabbitmq_queue":               "Queue",
			"rabbitmq_shovel":              "Shovel",
			"rabbitmq_topic_permissions":   "TopicPermissions",
			"rabbitmq_user":                "User",
			"rabbitmq_vhost":               "VHost",
		}),
		DataSources: bridge.Functions("rabbitmq", map[string]string{
			"rabbitmq_exchange": "Exchange",
			"rabbitmq_user":     "User",
			"rabbitmq_vhost":    "VHost",
		}),
	}
	info.SetAutonaming(longestName, "-")
	tfbridge.Main(info.Name, info.Version, info, nil)
}

// patient makes the provider wait until the management interface accepts connections, when it first needs it, and not
// when it is configured: see await.Connect.
func patient(provider *schema.Provider) *schema.Provider {
	configure := provider.ConfigureFunc
	provider.ConfigureFunc = func(data *schema.ResourceData) (any, error) {
		return await.Connect(sync.OnceValues(func() (any, error) {
			endpoint, _ := data.Get("endpoint").(string)
			if address := address(endpoint); address != "" {
				try := func() error { return await.TCP(address) }
				if err := await.Answer("RabbitMQ's management interface at "+address, await.Timeout(), await.Always, try); err != nil {
					return nil, err
				}
			}
			return configure(data)
		})), nil
	}
	for _, resource := range provider.ResourcesMap {
		resource.Create = await.Later(resource.Create)
		resource.Read = await.Later(resource.Read)
		resource.Update = await.Later(resource.Update)
		resource.Delete = await.Later(resource.Delete)
	}
	for _, source := range provider.DataSourcesMap {
		source.ReadContext = await.LaterContext(source.ReadContext, diag.FromErr)
	}
	return provider
}

// address is what to dial for an endpoint such as http://127.0.0.1:15672; empty when the endpoint is none, or is
// reached through a proxy and not from here.
func address(endpoint string) string {
	parsed, err := url.Parse(endpoint)
	if err != nil || parsed.Hostname() == "" {
		return ""
	}
	port := parsed.Port()
	if port == "" {
		port = parsed.Scheme // the dialer knows the well-known ports of http and https
	}
	return net.JoinHostPort(parsed.Hostname(), port)
}
