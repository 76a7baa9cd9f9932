package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strconv"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// RunPlugin runs a plugin that is written in Python until the engine lets go of it: a policy pack (kind `analyzer`)
// or a provider.
func (h *host) RunPlugin(
	request *pulumirpc.RunPluginRequest, stream pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(stream, false)
	if err != nil {
		return fmt.Errorf("opening the plugin's output: %w", err)
	}
	defer closer.Close()
	if request.Kind == "analyzer" {
		return runPolicyPack(stream.Context(), request, stdout, stderr)
	}
	command, err := pluginCommand(stream.Context(), request, append([]string{request.Info.ProgramDirectory}, request.Args...))
	if err != nil {
		return err
	}
	command.Dir, command.Stdout, command.Stderr = request.Pwd, stdout, stderr
	return command.Run()
}

// runPolicyPack starts a pack once the engine has sent the stack's configuration, which the pack reads when it starts.
func runPolicyPack(ctx context.Context, request *pulumirpc.RunPluginRequest, stdout, stderr io.Writer) error {
	arguments := append(append([]string{"-u", "-m", "pulumi.policy"}, request.Args...), request.Info.ProgramDirectory)
	command, err := pluginCommand(ctx, request, arguments)
	if err != nil {
		return err
	}
	proxy, output, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return fmt.Errorf("serving the policy pack: %w", err)
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return fmt.Errorf("waiting for the stack's configuration: %w", err)
	}
	variables, err := packVariables(stack)
	if err != nil {
		return err
	}
	command.Env = append(command.Env, variables...)
	command.Dir, command.Stdout, command.Stderr = request.Info.ProgramDirectory, output, stderr
	if err := command.Start(); err != nil {
		return fmt.Errorf("starting the policy pack: %w", err)
	}
	return proxy.Attach(ctx, command)
}

func pluginCommand(ctx context.Context, request *pulumirpc.RunPluginRequest, arguments []string) (*exec.Cmd, error) {
	interpreter, err := python(request.Info)
	if err != nil {
		return nil, err
	}
	command, err := interpreter.Command(ctx, arguments...)
	if err != nil {
		return nil, err
	}
	command.Env = append(environment(command), request.Env...)
	return command, nil
}

// packVariables is the stack as a policy pack sees it; nothing when the engine asks without a stack.
func packVariables(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	if stack == nil {
		return nil, nil
	}
	values := stack.Config
	if values == nil {
		values = map[string]string{}
	}
	config, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("writing the configuration: %w", err)
	}
	return []string{
		"PULUMI_ORGANIZATION=" + stack.Organization,
		"PULUMI_PROJECT=" + stack.Project,
		"PULUMI_STACK=" + stack.Stack,
		"PULUMI_DRY_RUN=" + strconv.FormatBool(stack.DryRun),
		"PULUMI_CONFIG=" + string(config),
	}, nil
}
