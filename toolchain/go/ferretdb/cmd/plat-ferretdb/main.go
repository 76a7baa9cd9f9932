// Command plat-ferretdb is the document server of the local target: FerretDB's handlers on SQLite, behind a guard that
// keeps every account in its own database.
//
// It lies below FerretDB's own module path because Go lets nobody else import what a module keeps internal.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/FerretDB/FerretDB/internal/clientconn"
	"github.com/FerretDB/FerretDB/internal/clientconn/connmetrics"
	"github.com/FerretDB/FerretDB/internal/handler"
	"github.com/FerretDB/FerretDB/internal/util/state"
	"github.com/FerretDB/FerretDB/plat/internal/accounts"
	"github.com/FerretDB/FerretDB/plat/internal/guard"
	"github.com/FerretDB/FerretDB/plat/internal/storage"
)

const (
	library = "github.com/FerretDB/FerretDB"
	batch   = 100 // documents that are inserted by one statement, FerretDB's own default
)

type options struct {
	listen        string
	data          string
	hasty         bool
	fenced        bool
	administrator string
	verifier      string
}

func main() {
	var given options
	flag.StringVar(&given.listen, "listen", "127.0.0.1:27017", "address and port, loopback unless fenced")
	flag.StringVar(&given.data, "data", "", "folder of the databases")
	flag.BoolVar(&given.hasty, "hasty", false, "never wait for the disk")
	flag.BoolVar(&given.fenced, "fenced", false, "listen beyond loopback: others see to it who gets here, and who can listen in")
	flag.StringVar(&given.administrator, "administrator", "", "name of the account that may do everything")
	flag.StringVar(&given.verifier, "verifier", "", "file with the SCRAM-SHA-256 verifier of its password")
	version := flag.Bool("version", false, "print FerretDB's version and end")
	flag.Parse()
	if *version {
		fmt.Println("FerretDB", libraryVersion())
		return
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	if err := serve(ctx, given); err != nil {
		fmt.Fprintln(os.Stderr, "plat-ferretdb:", storage.Explained(err, given.data))
		cancel()
		os.Exit(1)
	}
}

// serve runs the server until ctx ends. Neither telemetry nor a listener for debugging is ever started.
func serve(ctx context.Context, given options) error {
	if !given.fenced {
		if err := requireLoopback(given.listen); err != nil {
			return err
		}
	}
	provider, err := state.NewProvider("")
	if err != nil {
		return err
	}
	if err := provider.Update(func(s *state.State) { s.DisableTelemetry(); s.TelemetryLocked = true }); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	backend, err := storage.Open(given.data, given.hasty, batch, log, provider)
	if err != nil {
		return err
	}
	defer backend.Close()
	if err := accounts.Administrator(ctx, backend, given.administrator, given.verifier); err != nil {
		return fmt.Errorf("the administrator's account: %w", err)
	}
	metrics := connmetrics.NewListenerMetrics()
	documents, err := handler.New(&handler.NewOpts{
		Backend: backend, TCPHost: given.listen, L: log, ConnMetrics: metrics.ConnMetrics, StateProvider: provider,
		EnableNewAuth: true, BatchSize: batch,
	})
	if err != nil {
		return err
	}
	guard.Install(documents, given.administrator)
	listener, err := clientconn.Listen(&clientconn.NewListenerOpts{
		TCP: given.listen, Mode: clientconn.NormalMode, Metrics: metrics, Handler: documents, Logger: log,
	})
	if err != nil {
		return err
	}
	listener.Run(ctx)
	return nil
}

func requireLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is no loopback address, and without TLS the server listens on nothing else unless it is -fenced", host)
	}
	return nil
}

func libraryVersion() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == library {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return "unknown"
}
