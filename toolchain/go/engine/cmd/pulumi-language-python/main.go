// Command pulumi-language-python runs Python programs, policy packs and provider plugins for the Pulumi engine.
//
// It is built where no `pulumi` is installed: the module that holds the upstream host is not served by the Go module
// proxy, while everything that it stands on (sdk/v3) is. The protocol is Pulumi's LanguageRuntime service
// (sdk/v3/proto/pulumi/language.proto).
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// A killed engine is noticed within this time; upstream looks every five minutes, and orphans go on meanwhile.
const engineCheck = 5 * time.Second

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve answers the engine named by the first argument until it goes away, and prints the port for it to call.
func serve() error {
	flag.String("tracing", "", "accepted and not used")
	flag.String("root", "", "accepted and not used")
	flag.Parse()

	// The engine interrupts us when it is done; were we to end without the program, it would hold our output for seconds.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	host, err := newHost(ctx, stop, flag.Arg(0))
	if err != nil {
		return err
	}
	if host.engine != "" {
		if err := rpcutil.Healthcheck(ctx, host.engine, engineCheck, stop); err != nil {
			return fmt.Errorf("watching the engine at %s: %w", host.engine, err)
		}
	}
	cancel := make(chan bool, 1)
	go func() {
		<-ctx.Done()
		cancel <- true
	}()
	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(s, host)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("listening for the engine: %w", err)
	}
	fmt.Println(server.Port)
	return <-server.Done
}
