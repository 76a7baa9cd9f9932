// Package storage says how the databases of the server are kept: each in a SQLite file of its own.
package storage

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"syscall"

	"github.com/FerretDB/FerretDB/internal/backends"
	"github.com/FerretDB/FerretDB/internal/backends/sqlite"
	"github.com/FerretDB/FerretDB/internal/util/state"
)

// Open gives the databases in the folder. Those that are hasty never wait for the disk (https://sqlite.org/pragma.html):
// a crash of the machine may cost their documents, one of the server does not.
//
// SQLite's own databases in memory are not to be had: FerretDB opens one connection to each, which a cursor keeps for
// itself, so that a client that writes while it reads waits for ever.
func Open(folder string, hasty bool, batch int, log *slog.Logger, provider *state.Provider) (backends.Backend, error) {
	if folder == "" {
		return nil, errors.New("it needs -data")
	}
	path, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	synchronous := "synchronous(full)"
	if hasty {
		synchronous = "synchronous(off)"
	}
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(wal)", synchronous}}
	uri := url.URL{Scheme: "file", Path: path + "/", RawQuery: pragmas.Encode()}
	return sqlite.NewBackend(&sqlite.NewBackendParams{URI: uri.String(), L: log, P: provider, BatchSize: batch})
}

// room is what SQLite needs to open a database, in bytes.
const room = 1 << 16

// Explained adds to an error that the disk of the folder is full, where it is: SQLite says of that only that it could not
// write (SQLITE_IOERR).
func Explained(err error, folder string) error {
	var disk syscall.Statfs_t
	if syscall.Statfs(folder, &disk) != nil || disk.Bavail*uint64(disk.Bsize) >= room {
		return err
	}
	return fmt.Errorf("%w: No space left on device", err)
}
