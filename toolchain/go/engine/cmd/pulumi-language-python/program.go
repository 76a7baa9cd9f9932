package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// shownExit is how the exec script says that it has shown the error to the user already.
const shownExit = 32

// Run runs the program of a stack to its end. A failure that the user has seen already comes back as Bail.
func (h *host) Run(_ context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	command, err := h.program(request)
	if err != nil {
		return nil, err
	}
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case errors.As(err, &exit) && exit.ExitCode() == shownExit:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program failed: %v", err)}, nil
	}
}

func (h *host) program(request *pulumirpc.RunRequest) (*exec.Cmd, error) {
	interpreter, err := python(request.Info)
	if err != nil {
		return nil, err
	}
	command, err := interpreter.Command(h.ctx, h.script,
		"--monitor", request.MonitorAddress,
		"--engine", h.engine,
		"--project", request.Project,
		"--root_directory", request.Info.RootDirectory,
		"--stack", request.Stack,
		"--pwd", request.Pwd,
		"--dry_run", strconv.FormatBool(request.DryRun),
		"--parallel", strconv.Itoa(int(request.Parallel)),
		"--organization", request.Organization,
		request.Info.EntryPoint,
	)
	if err != nil {
		return nil, err
	}
	config, err := programConfig(request)
	if err != nil {
		return nil, err
	}
	command.Env = append(environment(command), config...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command, nil
}

// programConfig is the stack's configuration in the form that the Python SDK reads. An empty one is `{}` and `[]`:
// the SDK fails on null.
func programConfig(request *pulumirpc.RunRequest) ([]string, error) {
	values, secrets := request.Config, request.ConfigSecretKeys
	if values == nil {
		values = map[string]string{}
	}
	if secrets == nil {
		secrets = []string{}
	}
	encodedValues, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("writing the configuration: %w", err)
	}
	encodedSecrets, err := json.Marshal(secrets)
	if err != nil {
		return nil, fmt.Errorf("writing the names of secrets: %w", err)
	}
	return []string{"PULUMI_CONFIG=" + string(encodedValues), "PULUMI_CONFIG_SECRET_KEYS=" + string(encodedSecrets)}, nil
}

// environment is what a command inherits: without a virtual environment the toolchain leaves it unset.
func environment(command *exec.Cmd) []string {
	if command.Env == nil {
		return os.Environ()
	}
	return command.Env
}
