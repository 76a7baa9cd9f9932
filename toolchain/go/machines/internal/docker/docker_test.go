package docker

import (
	"errors"
	"testing"
)

func TestOnlyWaitingForWhatWaitingMends(t *testing.T) {
	for said, passes := range map[string]bool{
		"ssh: connect to host 192.0.2.1 port 22: Connection refused":                           true,
		"ssh: connect to host 192.0.2.1 port 22: No route to host":                             true,
		"Cannot connect to the Docker daemon at unix:///var/run/docker.sock":                   true,
		"Host key verification failed.":                                                        false,
		"plat@192.0.2.1: Permission denied (publickey).":                                       false,
		"Got permission denied while trying to connect to the Docker daemon socket":            false,
		"ssh: Could not resolve hostname nowhere.invalid: Name or service not known":           false,
		"\"System is booting up. Unprivileged users are not permitted to log in yet.\" closed": true,
	} {
		if passing(errors.New(said)) != passes {
			t.Errorf("%q: passing is not %v", said, passes)
		}
	}
}

func TestNamesAreThoseOfTheSDK(t *testing.T) {
	info := info()
	if err := info.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
}
