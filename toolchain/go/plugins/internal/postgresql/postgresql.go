// Package postgresql serves the resources of the pulumi-postgresql SDK.
package postgresql

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-sdk/helper/schema"
	"github.com/lib/pq"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v1"
	upstream "github.com/terraform-providers/terraform-provider-postgresql/postgresql"

	"plat.dev/toolchain/await"
	"plat.dev/toolchain/plugins/internal/bridge"
)

// Not below the SDK's version in pyproject.toml: the engine warns of an older plugin.
const version = "3.18.2"

// The longest name that PostgreSQL keeps whole.
const longestName = 63

// Serve runs the plugin until the engine lets go of it.
func Serve() {
	info := tfbridge.ProviderInfo{
		P:       shim.NewProvider(patient(upstream.Provider().(*schema.Provider))),
		Name:    "postgresql",
		Version: version,
		Resources: bridge.Resources("postgresql", map[string]string{
			"postgresql_database":           "Database",
			"postgresql_default_privileges": "DefaultPrivileges",
			"postgresql_extension":          "Extension",
			"postgresql_grant":              "Grant",
			"postgresql_role":               "Role",
			"postgresql_schema":             "Schema",
		}),
	}
	info.SetAutonaming(longestName, "-")
	tfbridge.Main(info.Name, info.Version, info, nil)
}

// patient makes the provider wait for its server when it first needs it, and not when it is configured: see await.Connect.
func patient(provider *schema.Provider) *schema.Provider {
	configure := provider.ConfigureFunc
	provider.ConfigureFunc = func(data *schema.ResourceData) (any, error) {
		return await.Connect(sync.OnceValues(func() (client any, err error) {
			address := address(data)
			err = await.Answer("PostgreSQL at "+address, await.Timeout(), starting, func() error {
				if err := reachable(address); err != nil {
					return err
				}
				client, err = configure(data)
				return err
			})
			return client, err
		})), nil
	}
	for _, resource := range provider.ResourcesMap {
		resource.Create = await.Later(resource.Create)
		resource.Read = await.Later(resource.Read)
		resource.Update = await.Later(resource.Update)
		resource.Delete = await.Later(resource.Delete)
		resource.Exists = await.LaterExists(resource.Exists)
	}
	return provider
}

// address is empty for a socket in the file system or an unset host.
func address(data *schema.ResourceData) string {
	host, _ := data.Get("host").(string)
	port, _ := data.Get("port").(int)
	if host == "" || strings.HasPrefix(host, "/") {
		return ""
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}

func reachable(address string) error {
	if address == "" {
		return nil
	}
	return await.TCP(address)
}

// starting tells a server that is not up yet, or that still reads its write-ahead log, from one that refuses us.
func starting(err error) bool {
	var refused *pq.Error
	if errors.As(err, &refused) {
		return refused.Code.Name() == "cannot_connect_now"
	}
	var network net.Error
	return errors.As(err, &network)
}
