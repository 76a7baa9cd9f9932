package guard

import (
	"strings"
	"testing"

	"github.com/FerretDB/wire"
	"github.com/FerretDB/wire/wirebson"
)

var (
	nobody        = visitor{}
	administrator = visitor{account: "admin", database: "admin", administrates: true}
	shipping      = visitor{account: "shipping", database: "shipping"}
)

func TestWhoMayDoWhat(t *testing.T) {
	find := wire.MustOpMsg("find", "parcels", "$db", "shipping")
	foreign := wire.MustOpMsg("find", "invoices", "$db", "billing")
	users := wire.MustOpMsg("usersInfo", int32(1), "$db", "shipping")
	for name, test := range map[string]struct {
		who     visitor
		command string
		message *wire.OpMsg
		reason  string // a part of it; empty: may
	}{
		"nobody greets":                              {nobody, "hello", wire.MustOpMsg("hello", int32(1)), ""},
		"nobody reads nothing":                       {nobody, "find", find, "requires authentication"},
		"the administrator reads everything":         {administrator, "find", foreign, ""},
		"the administrator sees the accounts":        {administrator, "usersInfo", users, ""},
		"another account of admin may do nothing":    {visitor{account: "b", database: "admin"}, "find", find, "not the administrator"},
		"an owner reads its own":                     {shipping, "find", find, ""},
		"an owner reads nothing else":                {shipping, "find", foreign, "reaches database shipping alone"},
		"an owner does not see accounts, even own":   {shipping, "usersInfo", users, "is the administrator's"},
		"a command that names no database is none's": {shipping, "find", wire.MustOpMsg("find", "parcels"), "reaches database shipping alone"},
		"what nobody has judged is refused":          {shipping, "commandOfTomorrow", find, "is the administrator's"},
		"the size of what is one's own": {
			shipping, "dataSize", wire.MustOpMsg("dataSize", "shipping.parcels", "$db", "shipping"), "",
		},
		"the size of what is another's": {
			shipping, "dataSize", wire.MustOpMsg("dataSize", "billing.invoices", "$db", "shipping"), "names another",
		},
		"a name that begins like one's own is another's": {
			shipping, "dataSize", wire.MustOpMsg("dataSize", "shipping-archive.parcels", "$db", "shipping"), "names another",
		},
		"renaming inside of one's own": {
			shipping, "renameCollection", wire.MustOpMsg("renameCollection", "shipping.a", "to", "shipping.b", "$db", "admin"), "",
		},
		"renaming into another's": {
			shipping, "renameCollection", wire.MustOpMsg("renameCollection", "shipping.a", "to", "billing.b", "$db", "admin"), "names another",
		},
	} {
		t.Run(name, func(t *testing.T) {
			reason := refusal(test.who, test.command, test.message)
			if (test.reason == "") != (reason == "") || !strings.Contains(reason, test.reason) {
				t.Fatalf("got %q, want %q", reason, test.reason)
			}
		})
	}
}

func TestADatabaseThatIsNamedTwiceIsNone(t *testing.T) {
	twice := wirebson.MustDocument("find", "invoices", "$db", "shipping", "$db", "billing")
	message, err := wire.NewOpMsg(twice)
	if err != nil {
		t.Fatal(err)
	}
	if refusal(shipping, "find", message) == "" {
		t.Fatal("got no refusal")
	}
}

func TestNoSectionTakesTheDatabasesPlace(t *testing.T) {
	for identifier, refused := range map[string]bool{"documents": false, "$db": true, "insert": true} {
		if got := refusal(shipping, "insert", withSection(t, identifier)) != ""; got != refused {
			t.Errorf("section %q: refused %t, want %t", identifier, got, refused)
		}
	}
}

// withSection is an insert with a section of kind 1, which only bytes from a client make.
func withSection(t *testing.T, identifier string) *wire.OpMsg {
	t.Helper()
	first, err := wirebson.MustDocument("insert", "parcels", "$db", "shipping").Encode()
	if err != nil {
		t.Fatal(err)
	}
	document, err := wirebson.MustDocument("_id", int32(1)).Encode()
	if err != nil {
		t.Fatal(err)
	}
	size := 4 + len(identifier) + 1 + len(document)
	body := append([]byte{0, 0, 0, 0, 0}, first...)
	body = append(body, 1, byte(size), byte(size>>8), 0, 0)
	body = append(append(body, identifier...), 0)
	var message wire.OpMsg
	if err := message.UnmarshalBinaryNocopy(append(body, document...)); err != nil {
		t.Fatal(err)
	}
	return &message
}
