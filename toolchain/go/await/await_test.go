package await

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

func TestAServerThatComesUpWhileWeWaitIsNoError(t *testing.T) {
	tries := 0
	err := Answer("a server", time.Minute, Always, func() error {
		tries++
		if tries < 3 {
			return errors.New("connection refused")
		}
		return nil
	})
	if err != nil || tries != 3 {
		t.Fatalf("got %v after %d tries, want success after 3", err, tries)
	}
}

func TestAServerThatStaysDownIsNamedWithWhatToDo(t *testing.T) {
	err := Answer("PostgreSQL at 127.0.0.1:1", 0, Always, func() error { return TCP("127.0.0.1:1") })
	if err == nil {
		t.Fatal("got no error, want one")
	}
	for _, part := range []string{"PostgreSQL at 127.0.0.1:1 does not answer", "`make up`", Variable} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in %q", part, err)
		}
	}
}

func TestAnErrorThatDoesNotPassIsReturnedAtOnce(t *testing.T) {
	wrong := errors.New("password authentication failed")
	err := Answer("a server", time.Minute, func(error) bool { return false }, func() error { return wrong })
	if !errors.Is(err, wrong) || err.Error() != wrong.Error() {
		t.Fatalf("got %v, want %v", err, wrong)
	}
}

func TestAListenerAcceptsConnections(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := TCP(listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
}

func TestTheTimeoutIsWhatTheVariableSays(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0": 0, "": defaultTimeout, "-1": defaultTimeout, "soon": defaultTimeout,
	} {
		t.Setenv(Variable, value)
		if got := Timeout(); got != want {
			t.Errorf("%s=%q: got %s, want %s", Variable, value, got, want)
		}
	}
}
