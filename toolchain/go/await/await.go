// Package await gives a server that has just been started the time to answer.
//
// The engine reads all resources of a stack at once when it refreshes, whatever depends on what: a server that was
// killed a moment ago, and that its supervisor is starting again, would otherwise fail the refresh of everything in it.
package await

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

// Variable overrides how many seconds a server may take to answer; 0 tries once.
const Variable = "PLAT_CONNECT_TIMEOUT"

const (
	defaultTimeout = 45 * time.Second
	pause          = 250 * time.Millisecond
	dialTimeout    = 3 * time.Second
)

// Timeout is what Variable says, or the default when it is unset or no whole number of seconds.
func Timeout() time.Duration {
	seconds, err := strconv.Atoi(os.Getenv(Variable))
	if err != nil || seconds < 0 {
		return defaultTimeout
	}
	return time.Duration(seconds) * time.Second
}

// Answer calls try until it succeeds, until it fails in a way that waiting does not help, or until the timeout.
// An error after the timeout names the server (such as "PostgreSQL at 127.0.0.1:5432") and what to do.
func Answer(server string, timeout time.Duration, passing func(error) bool, try func() error) error {
	deadline := time.Now().Add(timeout)
	for {
		err := try()
		if err == nil || !passing(err) {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not answer within %s (%w); start it with `make up`, or set %s to more seconds",
				server, timeout, err, Variable)
		}
		time.Sleep(pause)
	}
}

// TCP tries once whether something accepts connections at the address.
func TCP(address string) error {
	connection, err := net.DialTimeout("tcp", address, dialTimeout)
	if err != nil {
		return err
	}
	return connection.Close()
}

// Always is for servers where every error may pass.
func Always(error) bool { return true }
