// Command pulumi-plugins is several Pulumi resource plugins in one binary, chosen by the name that it is called by:
// most of their code is the same, so that one link costs a third of three.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"plat.dev/toolchain/plugins/internal/postgresql"
	"plat.dev/toolchain/plugins/internal/rabbitmq"
	"plat.dev/toolchain/plugins/internal/random"
)

func main() {
	plugins := map[string]func(){
		"pulumi-resource-postgresql": postgresql.Serve,
		"pulumi-resource-rabbitmq":   rabbitmq.Serve,
		"pulumi-resource-random":     random.Serve,
	}
	name := filepath.Base(os.Args[0])
	serve, known := plugins[name]
	if !known {
		var names []string
		for each := range plugins {
			names = append(names, each)
		}
		fmt.Fprintf(os.Stderr, "%s is no plugin of this binary; call it by a link named %s\n", name, strings.Join(names, ", "))
		os.Exit(2)
	}
	serve()
}
