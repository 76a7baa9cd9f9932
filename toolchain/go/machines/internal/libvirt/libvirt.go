// Package libvirt serves the resources of the pulumi-libvirt SDK.
package libvirt

import (
	"errors"
	"net"
	"sync"

	upstream "github.com/dmacvicar/terraform-provider-libvirt/libvirt"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"

	"plat.dev/toolchain/await"
	"plat.dev/toolchain/machines/internal/lazy"
)

// Not below the version in toolchain/plugins.py: what a descriptor needs is the same from either.
const version = "0.5.4"

// The longest name that fits into a file's name, which is what a volume's becomes.
const longestName = 255

// Serve runs the plugin until the engine lets go of it.
func Serve() {
	info := info()
	tfbridge.Main(info.Name, info.Version, info, nil)
}

func info() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:       shim.NewProvider(patient(upstream.Provider())),
		Name:    "libvirt",
		Version: version,
		Resources: map[string]*tfbridge.ResourceInfo{
			"libvirt_cloudinit_disk": {Tok: "libvirt:index/cloudInitDisk:CloudInitDisk"},
			"libvirt_combustion":     {Tok: "libvirt:index/combustion:Combustion"},
			"libvirt_domain":         {Tok: "libvirt:index/domain:Domain"},
			"libvirt_ignition":       {Tok: "libvirt:index/ignition:Ignition"},
			"libvirt_network":        {Tok: "libvirt:index/network:Network"},
			"libvirt_pool":           {Tok: "libvirt:index/pool:Pool"},
			"libvirt_volume":         {Tok: "libvirt:index/volume:Volume"},
		},
	}
	info.SetAutonaming(longestName, "-")
	return info
}

// patient makes the provider wait for libvirt when it first needs it, and not when it is configured: see await.Connect.
func patient(provider *schema.Provider) *schema.Provider {
	configure := provider.ConfigureFunc
	var where string
	provider.ConfigureFunc = func(data *schema.ResourceData) (any, error) {
		uri, _ := data.Get("uri").(string)
		where = uri
		return await.Connect(sync.OnceValues(func() (client any, err error) {
			err = await.Answer("libvirt at "+uri, await.Timeout(), starting, func() error {
				client, err = configure(data)
				return err
			})
			return client, err
		})), nil
	}
	anew(provider, &where)
	lazy.Operations(provider)
	return provider
}

// starting tells a daemon that is not there, or not yet, from one that refuses us.
func starting(err error) bool {
	var network net.Error
	return errors.As(err, &network)
}
