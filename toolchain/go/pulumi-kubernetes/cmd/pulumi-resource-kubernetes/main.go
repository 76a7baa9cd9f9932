// Command pulumi-resource-kubernetes is the Pulumi resource plugin for Kubernetes.
//
// Upstream's own main embeds a schema that its build generates; only programs in YAML and code generators ask for it.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// version is that of the Python SDK.
const version = "4.25.0"

func main() {
	provider.Serve("kubernetes", version, []byte(`{"name": "kubernetes"}`), []byte(`{}`))
}
