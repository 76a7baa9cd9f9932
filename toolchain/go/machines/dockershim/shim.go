// Package shim opens the internal package of the Terraform provider for Docker: its module path lies below that provider's,
// which is what Go's rule of internal packages asks for.
package shim

import (
	"context"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	internal "github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// Provider is the Terraform provider.
func Provider() *schema.Provider { return internal.New("plat")() }

// Remove takes away the container or the network of that name, if there is one. Volumes stay.
func Remove(ctx context.Context, configured any, resource, name string) error {
	docker, err := configured.(*internal.ProviderConfig).MakeClient(ctx, nil)
	if err != nil {
		return err
	}
	if resource == "docker_network" {
		err = docker.NetworkRemove(ctx, name)
	} else {
		err = docker.ContainerRemove(ctx, name, container.RemoveOptions{Force: true})
	}
	if client.IsErrNotFound(err) {
		return nil
	}
	return err
}

// Answers tries once whether Docker answers to a configured provider's client.
func Answers(ctx context.Context, client any) error {
	_, err := client.(*internal.ProviderConfig).MakeClient(ctx, nil)
	return err
}
