// Package guard lets every account do what an owner does in one database, and nothing beside it.
//
// FerretDB knows who is there but has no roles: whoever has logged in may read, change and drop everything, other
// accounts included. So a judge stands before each of its commands. An account's rights follow from the database that it
// was made in, and that it has to name when it logs in: the administrator's is `admin`, any other's is its own.
package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/FerretDB/wire"

	"github.com/FerretDB/FerretDB/internal/clientconn/conninfo"
	"github.com/FerretDB/FerretDB/internal/handler"
	"github.com/FerretDB/FerretDB/internal/handler/handlererrors"
	"github.com/FerretDB/FerretDB/plat/internal/accounts"
)

// Those that come before logging in; they tell nothing of any database.
var open = []string{
	"buildInfo", "buildinfo", "connectionStatus", "hello", "isMaster", "ismaster", "logout", "ping", "saslContinue",
	"saslStart", "whatsmyuri",
}

// Those that work in the database that the message names, and in no other.
var own = []string{
	"aggregate", "collMod", "collStats", "compact", "count", "create", "createIndexes", "dbStats", "dbstats", "delete",
	"distinct", "drop", "dropDatabase", "dropIndexes", "explain", "find", "findAndModify", "findandmodify", "getMore",
	"insert", "killCursors", "listCollections", "listIndexes", "update", "validate",
}

// Those that name databases in fields of their own; the message's may be another one.
var naming = map[string][]string{
	"dataSize":         {"dataSize"},
	"renameCollection": {"renameCollection", "to"},
}

// Where a command may carry documents beside its first one: such a section takes the place of a field of its name.
var sections = map[string]string{"insert": "documents", "update": "updates", "delete": "deletes"}

// Install puts the guard before every command of the handler. It has to be there before the first connection.
func Install(documents *handler.Handler, administrator string) {
	for name, command := range documents.Commands() {
		serve := command.Handler
		command.Handler = func(ctx context.Context, message *wire.OpMsg) (*wire.OpMsg, error) {
			if reason := refusal(visitorOf(ctx, administrator), name, message); reason != "" {
				return nil, handlererrors.NewCommandErrorMsgWithArgument(handlererrors.ErrUnauthorized, reason, name)
			}
			return serve(ctx, message)
		}
	}
}

// visitor is who sent a command; the zero visitor has not logged in.
type visitor struct {
	account       string
	database      string
	administrates bool
}

func visitorOf(ctx context.Context, administrator string) visitor {
	account, _, conversation, database := conninfo.Get(ctx).Auth()
	if conversation == nil || !conversation.Valid() || account == "" {
		return visitor{}
	}
	return visitor{account, database, database == accounts.Database && account == administrator}
}

// refusal says why a visitor may not have a command done; it is empty where there is no reason.
func refusal(who visitor, command string, message *wire.OpMsg) string {
	switch {
	case slices.Contains(open, command):
		return ""
	case who == visitor{}:
		return fmt.Sprintf("command %s requires authentication", command)
	case who.administrates:
		return ""
	case who.database == accounts.Database:
		return fmt.Sprintf("%s is not the administrator", who.account)
	}
	for _, section := range message.Sections() {
		if section.Kind != 0 && section.Identifier != sections[command] {
			return fmt.Sprintf("command %s takes no documents as %q", command, section.Identifier)
		}
	}
	if fields, names := naming[command]; names {
		return refusalOf(who, command, fields, message)
	}
	if !slices.Contains(own, command) {
		return fmt.Sprintf("command %s is the administrator's", command)
	}
	if database, ok := field(message, "$db"); !ok || database != who.database {
		return fmt.Sprintf("%s reaches database %s alone", who.account, who.database)
	}
	return ""
}

func refusalOf(who visitor, command string, fields []string, message *wire.OpMsg) string {
	for _, name := range fields {
		namespace, ok := field(message, name)
		if !ok || !strings.HasPrefix(namespace, who.database+".") {
			return fmt.Sprintf("%s reaches database %s alone, and %s names another", who.account, who.database, command)
		}
	}
	return ""
}

// field gives the text of a field; a document that names it twice could mean one thing to us and another to a handler.
func field(message *wire.OpMsg, name string) (string, bool) {
	document, err := message.RawSection0().Decode()
	if err != nil {
		return "", false
	}
	seen := 0
	for _, each := range document.FieldNames() {
		if each == name {
			seen++
		}
	}
	text, ok := document.Get(name).(string)
	return text, ok && seen == 1
}
