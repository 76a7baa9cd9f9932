// Command pulumi-resource-kubernetes is the Pulumi resource plugin for Kubernetes.
//
// Upstream's own main embeds a schema that its build generates; only programs in YAML and code generators ask for it.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

// version is that of the Python SDK.
const version = "4.25.0"

func main() {
	folder, err := ownFolder(filepath.Join(os.TempDir(), fmt.Sprintf("pulumi-kubernetes-%d", os.Getuid())))
	if err == nil {
		err = os.Setenv("TMPDIR", folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	provider.Serve("kubernetes", version, []byte(`{"name": "kubernetes"}`), []byte(`{}`))
	os.RemoveAll(folder)
}

// ownFolder makes a folder for this process in base, which nobody else may read, and removes those of processes that have ended.
//
// The provider writes a copy of the access to the cluster to a temporary file each time it starts, and never removes it.
func ownFolder(base string) (string, error) {
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", err
	}
	info, err := os.Lstat(base)
	if err != nil {
		return "", err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(owner.Uid) != os.Getuid() || info.Mode().Perm() != 0o700 {
		return "", fmt.Errorf("%s is not a folder of this user alone: remove it", base)
	}
	entries, err := os.ReadDir(base)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			os.RemoveAll(filepath.Join(base, entry.Name()))
		}
	}
	folder := filepath.Join(base, strconv.Itoa(os.Getpid()))
	if err := os.RemoveAll(folder); err != nil {
		return "", err
	}
	return folder, os.Mkdir(folder, 0o700)
}
