// Package docker serves the resources of the pulumi-docker SDK.
package docker

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	upstream "github.com/terraform-providers/terraform-provider-docker/shim"

	"plat.dev/toolchain/await"
	"plat.dev/toolchain/machines/internal/halfmade"
	"plat.dev/toolchain/machines/internal/lazy"
)

// Not below the version in toolchain/plugins.py: what a descriptor needs is the same from either.
const version = "5.2.0"

// The longest name that Docker takes.
const longestName = 255

// A machine boots before its Docker answers, and one without KVM takes minutes for it.
const patience = 10 * time.Minute

// Serve runs the plugin until the engine lets go of it.
func Serve() {
	info := info()
	tfbridge.Main(info.Name, info.Version, info, nil)
}

func info() tfbridge.ProviderInfo {
	asNamed := func(name string) *tfbridge.SchemaInfo { return &tfbridge.SchemaInfo{Name: name} }
	info := tfbridge.ProviderInfo{
		P:       shim.NewProvider(patient(upstream.Provider())),
		Name:    "docker",
		Version: version,
		Config:  map[string]*tfbridge.SchemaInfo{"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()}},
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_buildx_builder": {Tok: "docker:index/buildxBuilder:BuildxBuilder"},
			"docker_config":         {Tok: "docker:index/serviceConfig:ServiceConfig"},
			"docker_container": {
				Tok: "docker:index/container:Container",
				// Two containers cannot have one name, or one port.
				DeleteBeforeReplace: true,
				Fields: map[string]*tfbridge.SchemaInfo{
					"command": asNamed("command"), "networks_advanced": asNamed("networksAdvanced"),
				},
			},
			"docker_image":          {Tok: "docker:index/remoteImage:RemoteImage"},
			"docker_network":        {Tok: "docker:index/network:Network"},
			"docker_plugin":         {Tok: "docker:index/plugin:Plugin"},
			"docker_registry_image": {Tok: "docker:index/registryImage:RegistryImage"},
			"docker_secret":         {Tok: "docker:index/secret:Secret"},
			"docker_service":        {Tok: "docker:index/service:Service"},
			"docker_tag":            {Tok: "docker:index/tag:Tag"},
			"docker_volume":         {Tok: "docker:index/volume:Volume"},
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"docker_image":                    {Tok: "docker:index/getRemoteImage:getRemoteImage"},
			"docker_logs":                     {Tok: "docker:index/getLogs:getLogs"},
			"docker_network":                  {Tok: "docker:index/getNetwork:getNetwork"},
			"docker_plugin":                   {Tok: "docker:index/getPlugin:getPlugin"},
			"docker_registry_image":           {Tok: "docker:index/getRegistryImage:getRegistryImage"},
			"docker_registry_image_manifests": {Tok: "docker:index/getRegistryImageManifests:getRegistryImageManifests"},
		},
	}
	// An image's name is the registry's and no object's: it is not made up.
	info.Resources["docker_image"].Fields = map[string]*tfbridge.SchemaInfo{"name": asNamed("name")}
	info.SetAutonaming(longestName, "-")
	return info
}

// patient makes the provider wait until Docker answers, when it is first needed: see await.Connect. Upstream's own
// client would fail at once, with every resource of a machine that is still booting.
func patient(provider *schema.Provider) *schema.Provider {
	configure := provider.ConfigureContextFunc
	provider.ConfigureContextFunc = func(ctx context.Context, data *schema.ResourceData) (any, diag.Diagnostics) {
		client, failed := configure(ctx, data)
		if failed.HasError() {
			return nil, failed
		}
		host, _ := data.Get("host").(string)
		return await.Connect(sync.OnceValues(func() (any, error) {
			// Not the context of the configuration, which ends with it.
			try := func() error { return upstream.Answers(context.Background(), client) }
			return client, await.Answer("Docker at "+host, timeout(), passing, try)
		})), nil
	}
	anew(provider)
	lazy.Operations(provider)
	return provider
}

// anew makes again what a killed update had begun: its name would be taken.
func anew(provider *schema.Provider) {
	for resource, kind := range map[string]string{
		"docker_container": "docker:index/container:Container", "docker_network": "docker:index/network:Network",
	} {
		of := provider.ResourcesMap[resource]
		create := of.CreateContext
		of.CreateContext = func(ctx context.Context, data *schema.ResourceData, meta any) diag.Diagnostics {
			if name, _ := data.Get("name").(string); halfmade.Has(kind, name) {
				if err := upstream.Remove(ctx, meta, resource, name); err != nil {
					return diag.FromErr(fmt.Errorf("what a killed update had begun of %s cannot be removed: %w", name, err))
				}
			}
			return create(ctx, data, meta)
		}
	}
}

func timeout() time.Duration {
	if os.Getenv(await.Variable) == "" {
		return patience
	}
	return await.Timeout()
}

// passing tells a machine that is on its way up from one that refuses us, which no waiting mends: the SSH client says
// so in words alone, and ends with the same code in both cases.
func passing(err error) bool {
	said := strings.ToLower(err.Error())
	for _, refusal := range []string{"host key verification failed", "permission denied", "could not resolve hostname"} {
		if strings.Contains(said, refusal) {
			return false
		}
	}
	return true
}
