package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host is the language runtime of one engine.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	script string // runs a program; lies beside this binary
	engine string // address of the engine's own service
	ctx    context.Context
	stop   context.CancelFunc
}

func newHost(ctx context.Context, stop context.CancelFunc, engine string) (*host, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding the folder of this program: %w", err)
	}
	script := filepath.Join(filepath.Dir(self), "pulumi-language-python-exec")
	return &host{script: script, engine: engine, ctx: ctx, stop: stop}, nil
}

// Handshake takes the engine's address, which later versions send here and not as an argument.
func (h *host) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.engine = request.EngineAddress
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// GetPluginInfo tells the version that `pulumi about` shows: that of the module whose script runs the programs.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: sdk.Version.String()}, nil
}

// GetRequiredPackages names none: the set-up has put every plugin on the PATH, and nothing is to be downloaded.
func (h *host) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// InstallDependencies does nothing: the set-up has made the virtual environment from the lock file.
func (h *host) InstallDependencies(
	*pulumirpc.InstallDependenciesRequest, pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	return nil
}

// Cancel ends whatever runs.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.stop()
	return &emptypb.Empty{}, nil
}

// python finds the interpreter of a program from its options in Pulumi.yaml or PulumiPolicy.yaml.
func python(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	options := toolchain.PythonOptions{Root: info.RootDirectory, ProgramDir: info.ProgramDirectory}
	if virtualenv, ok := info.GetOptions().AsMap()["virtualenv"].(string); ok {
		options.Virtualenv = virtualenv
	}
	return toolchain.ResolveToolchain(options)
}
