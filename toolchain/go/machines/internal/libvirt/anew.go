package libvirt

import (
	"context"
	"fmt"

	golibvirt "github.com/digitalocean/go-libvirt"
	"github.com/dmacvicar/terraform-provider-libvirt/libvirt/uri"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

	"plat.dev/toolchain/machines/internal/halfmade"
)

// Also what upstream undefines a domain with, where it leaves the disks alone.
const undefining = golibvirt.DomainUndefineNvram | golibvirt.DomainUndefineSnapshotsMetadata |
	golibvirt.DomainUndefineManagedSave | golibvirt.DomainUndefineCheckpointsMetadata

type create = func(context.Context, *schema.ResourceData, any) diag.Diagnostics

// anew makes again what a killed update had begun, and lets no domain stay that could not be started: upstream defines
// it first, and the name would be taken for good. Disks with data are never among what was begun.
func anew(provider *schema.Provider, where *string) {
	domain := provider.ResourcesMap["libvirt_domain"]
	domain.CreateContext = withoutLeftover(domain.CreateContext, func(data *schema.ResourceData) error {
		return connected(*where, func(client *golibvirt.Libvirt) error { return removeDomain(client, text(data, "name"), true) })
	}, "libvirt:index/domain:Domain")
	started := domain.CreateContext
	domain.CreateContext = func(ctx context.Context, data *schema.ResourceData, meta any) diag.Diagnostics {
		failed := started(ctx, data, meta)
		if failed.HasError() && data.Id() == "" {
			name := text(data, "name")
			err := connected(*where, func(client *golibvirt.Libvirt) error { return removeDomain(client, name, false) })
			if err != nil {
				failed = append(failed, diag.FromErr(fmt.Errorf("and it stays defined: %w", err))...)
			}
		}
		return failed
	}
	for resource, kind := range map[string]string{
		"libvirt_cloudinit_disk": "libvirt:index/cloudInitDisk:CloudInitDisk",
		"libvirt_volume":         "libvirt:index/volume:Volume",
	} {
		disk := provider.ResourcesMap[resource]
		disk.CreateContext = withoutLeftover(disk.CreateContext, func(data *schema.ResourceData) error {
			return connected(*where, func(client *golibvirt.Libvirt) error {
				return removeVolume(client, text(data, "pool"), text(data, "name"))
			})
		}, kind)
	}
}

func withoutLeftover(make create, remove func(*schema.ResourceData) error, kind string) create {
	return func(ctx context.Context, data *schema.ResourceData, meta any) diag.Diagnostics {
		if name := text(data, "name"); halfmade.Has(kind, name) {
			if err := remove(data); err != nil {
				return diag.FromErr(fmt.Errorf("what a killed update had begun of %s cannot be removed: %w", name, err))
			}
		}
		return make(ctx, data, meta)
	}
}

// removeDomain undefines a domain, and ends it before where it may run. Its disks stay.
func removeDomain(client *golibvirt.Libvirt, name string, running bool) error {
	domain, err := client.DomainLookupByName(name)
	if golibvirt.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	active, err := client.DomainIsActive(domain)
	if err != nil || (active != 0 && !running) {
		return err
	}
	if active != 0 {
		if err := client.DomainDestroy(domain); err != nil {
			return err
		}
	}
	return client.DomainUndefineFlags(domain, undefining)
}

func removeVolume(client *golibvirt.Libvirt, pool, name string) error {
	there, err := client.StoragePoolLookupByName(pool)
	if err != nil {
		return err
	}
	// What is still being written is known to the pool only when it is asked anew.
	if err := client.StoragePoolRefresh(there, 0); err != nil {
		return err
	}
	volume, err := client.StorageVolLookupByName(there, name)
	if golibvirt.IsNotFound(err) || isNoVolume(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return client.StorageVolDelete(volume, golibvirt.StorageVolDeleteNormal)
}

func isNoVolume(err error) bool {
	failed, ok := err.(golibvirt.Error)
	return ok && failed.Code == uint32(golibvirt.ErrNoStorageVol)
}

func connected(where string, work func(*golibvirt.Libvirt) error) error {
	address, err := uri.Parse(where)
	if err != nil {
		return err
	}
	client := golibvirt.NewWithDialer(address)
	if err := client.ConnectToURI(golibvirt.ConnectURI(address.RemoteName())); err != nil {
		return err
	}
	defer func() { _ = client.Disconnect() }()
	return work(client)
}

func text(data *schema.ResourceData, key string) string {
	found, _ := data.Get(key).(string)
	return found
}
