// Command pulumi-machines is the Pulumi resource plugins for virtual machines and for the containers on them in one
// binary, chosen by the name that it is called by.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"plat.dev/toolchain/machines/internal/docker"
	"plat.dev/toolchain/machines/internal/libvirt"
)

func main() {
	switch name := filepath.Base(os.Args[0]); name {
	case "pulumi-resource-docker":
		docker.Serve()
	case "pulumi-resource-libvirt":
		libvirt.Serve()
	default:
		fmt.Fprintf(os.Stderr, "%s is no plugin of this binary; call it pulumi-resource-docker or pulumi-resource-libvirt\n", name)
		os.Exit(2)
	}
}
