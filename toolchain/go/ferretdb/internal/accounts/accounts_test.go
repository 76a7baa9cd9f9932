package accounts

import "testing"

func TestOnlyAVerifierIsTakenForOne(t *testing.T) {
	if _, err := parse("SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy"); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "secret", "SCRAM-SHA-256$4096$a:b", "SCRAM-SHA-1$4096:a$b:c", "SCRAM-SHA-256$many:a$b:c"} {
		if _, err := parse(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
