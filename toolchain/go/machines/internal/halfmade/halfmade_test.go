package halfmade

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyWhatWasBegunIsKnown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "begun")
	begun := `[{"type": "docker:index/container:Container", "name": "orders"}]`
	for content, known := range map[string]bool{begun: true, "[]": false, "": false, "{": false, `{"type": 1}`: false} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(Variable, file)
		if Has("docker:index/container:Container", "orders") != known {
			t.Errorf("%s: not %v", content, known)
		}
		for _, other := range [][2]string{
			{"docker:index/network:Network", "orders"}, {"docker:index/container:Container", "order"}, {"", ""},
		} {
			if Has(other[0], other[1]) {
				t.Errorf("%s: %v is known", content, other)
			}
		}
	}
	t.Setenv(Variable, "")
	if Has("docker:index/container:Container", "orders") {
		t.Error("known without a file")
	}
}
