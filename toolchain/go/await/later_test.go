package await

import (
	"errors"
	"testing"
)

func TestAnOperationConnectsWhenItIsCalledAndNotBefore(t *testing.T) {
	connected := false
	connect := Connect(func() (any, error) { connected = true; return "client", nil })
	var got any
	operation := Later(func(_ int, client any) error { got = client; return nil })
	if connected {
		t.Fatal("connected before the operation was called")
	}
	if err := operation(1, connect); err != nil || got != "client" {
		t.Fatalf("got client %v and error %v", got, err)
	}
}

func TestAnOperationWithoutAConnectionIsNotCalled(t *testing.T) {
	down := errors.New("down")
	connect := Connect(func() (any, error) { return nil, down })
	operation := Later(func(int, any) error { t.Fatal("called without a client"); return nil })
	if err := operation(1, connect); !errors.Is(err, down) {
		t.Fatalf("got %v, want %v", err, down)
	}
}

func TestAnOperationThatThereIsNotStaysThatWay(t *testing.T) {
	if Later[int](nil) != nil || LaterExists[int](nil) != nil {
		t.Fatal("an operation was made of nothing")
	}
}
