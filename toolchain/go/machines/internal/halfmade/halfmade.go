// Package halfmade knows what an update that was killed had begun to make: the engine has it as pending and nothing more,
// and what it would have been called is in the way of the next update.
package halfmade

import (
	"encoding/json"
	"os"
)

// Variable names a file of what was begun: a JSON list of objects with a resource's `type` and its `name`.
const Variable = "PLAT_HALF_MADE"

type thing struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// Has tells whether a resource of that type and name was begun. What cannot be read tells of none.
func Has(kind, name string) bool {
	content, err := os.ReadFile(os.Getenv(Variable))
	if err != nil || name == "" {
		return false
	}
	var begun []thing
	if json.Unmarshal(content, &begun) != nil {
		return false
	}
	for _, each := range begun {
		if each == (thing{kind, name}) {
			return true
		}
	}
	return false
}
