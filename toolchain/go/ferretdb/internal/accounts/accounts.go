// Package accounts keeps the administrator's account as it is declared. All other accounts are made through it.
package accounts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/FerretDB/FerretDB/internal/backends"
	"github.com/FerretDB/FerretDB/internal/clientconn/conninfo"
	"github.com/FerretDB/FerretDB/internal/types"
)

const (
	// Database is where an administrator's account is, and where the server keeps all of them.
	Database = "admin"

	collection = "system.users"
	mechanism  = "SCRAM-SHA-256"
)

// Administrator gives the account of that name the password whose verifier stands in the file, whatever it had before.
//
// So a server whose data are older than its password lets its administrator in, and no password is ever handed over.
func Administrator(ctx context.Context, backend backends.Backend, name, verifier string) error {
	if name == "" || verifier == "" {
		return errors.New("it needs -administrator and -verifier")
	}
	text, err := os.ReadFile(verifier)
	if err != nil {
		return err
	}
	credentials, err := parse(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("%s: %w", verifier, err)
	}
	account, err := types.NewDocument(
		"_id", Database+"."+name,
		"credentials", credentials,
		"user", name,
		"db", Database,
		"roles", types.MakeArray(0),
	)
	if err != nil {
		return err
	}
	return put(ctx, backend, account)
}

// parse reads `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>` (RFC 5803 in PostgreSQL's form).
func parse(verifier string) (*types.Document, error) {
	parts := strings.Split(verifier, "$")
	if len(parts) != 3 || parts[0] != mechanism {
		return nil, errors.New("it holds no verifier of SCRAM-SHA-256")
	}
	count, salt, salted := strings.Cut(parts[1], ":")
	stored, server, keyed := strings.Cut(parts[2], ":")
	iterations, err := strconv.ParseInt(count, 10, 32)
	if err != nil || !salted || !keyed {
		return nil, errors.New("it holds no verifier of SCRAM-SHA-256")
	}
	credential, err := types.NewDocument(
		"iterationCount", int32(iterations), "salt", salt, "storedKey", stored, "serverKey", server,
	)
	if err != nil {
		return nil, err
	}
	return types.NewDocument(mechanism, credential)
}

func put(ctx context.Context, backend backends.Backend, account *types.Document) error {
	info := conninfo.New()
	info.SetBypassBackendAuth()
	ctx = conninfo.Ctx(ctx, info)
	database, err := backend.Database(Database)
	if err != nil {
		return err
	}
	users, err := database.Collection(collection)
	if err != nil {
		return err
	}
	documents := []*types.Document{account}
	updated, err := users.UpdateAll(ctx, &backends.UpdateAllParams{Docs: documents})
	if err != nil {
		return err
	}
	if updated.Updated == 0 {
		_, err = users.InsertAll(ctx, &backends.InsertAllParams{Docs: documents})
	}
	return err
}
