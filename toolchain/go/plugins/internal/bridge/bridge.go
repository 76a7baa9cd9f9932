// Package bridge maps the names of Terraform resources to Pulumi's tokens.
package bridge

import (
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Resources maps each Terraform name to the class of that name in the index module of the package.
func Resources(pkg string, classes map[string]string) map[string]*tfbridge.ResourceInfo {
	out := map[string]*tfbridge.ResourceInfo{}
	for terraform, class := range classes {
		file := strings.ToLower(class[:1]) + class[1:]
		out[terraform] = &tfbridge.ResourceInfo{Tok: tokens.Type(pkg + ":index/" + file + ":" + class)}
	}
	return out
}

// Functions does the same for data sources, whose classes are given without their "get".
func Functions(pkg string, classes map[string]string) map[string]*tfbridge.DataSourceInfo {
	out := map[string]*tfbridge.DataSourceInfo{}
	for terraform, class := range classes {
		out[terraform] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(pkg + ":index/get" + class + ":get" + class)}
	}
	return out
}
