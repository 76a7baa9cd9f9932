package kafka

import (
	"context"
	"strings"
	"testing"

	upstream "github.com/Mongey/terraform-provider-kafka/kafka"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/terraform"
)

// What stands for a value that is not known yet (hcl2shim.UnknownVariableValue, which is internal).
const unknown = "74D93920-ED26-11E3-AC10-0800200C9A66"

func TestEveryResourceHasAToken(t *testing.T) {
	for name := range upstream.Provider().ResourcesMap {
		if info().Resources[name] == nil {
			t.Errorf("%s has no token", name)
		}
	}
}

func TestATopicIsNeverMadeAnewForFewerPartitions(t *testing.T) {
	err := planned(t, "2")
	if err == nil || !strings.Contains(err.Error(), "topic orders has 3 partitions and cannot have 2") {
		t.Fatalf("got %v", err)
	}
}

func TestATopicMayGetMorePartitionsWithoutAskingTheServer(t *testing.T) {
	if err := planned(t, "4"); err != nil {
		t.Fatal(err)
	}
}

func TestAPasswordThatIsNotKnownYetIsJudgedWhenItIs(t *testing.T) {
	credential := mended(upstream.Provider()).ResourcesMap["kafka_user_scram_credential"]
	for password, fine := range map[string]bool{unknown: true, "secret": true, "": false} {
		wanted := terraform.NewResourceConfigRaw(map[string]any{
			"username": "sales", "scram_mechanism": "SCRAM-SHA-512", "password": password,
		})
		diffed := schema.InternalMap(credential.Schema)
		_, err := diffed.Diff(context.Background(), nil, wanted, credential.CustomizeDiff, nil, false)
		if (err == nil) != fine {
			t.Errorf("password %q: got %v", password, err)
		}
	}
}

func TestTheFirstBrokerIsTheOneToWaitFor(t *testing.T) {
	if got := first([]any{"127.0.0.1:1", "127.0.0.1:2"}); got != "127.0.0.1:1" {
		t.Fatalf("got %q", got)
	}
	if got := first(nil); got != "" {
		t.Fatalf("got %q", got)
	}
}

// planned compares a topic of three partitions with what is wanted, with no server to ask.
func planned(t *testing.T, partitions string) error {
	t.Helper()
	topic := mended(upstream.Provider()).ResourcesMap["kafka_topic"]
	state := &terraform.InstanceState{ID: "orders", Attributes: map[string]string{
		"id": "orders", "name": "orders", "partitions": "3", "replication_factor": "1",
	}}
	wanted := terraform.NewResourceConfigRaw(map[string]any{
		"name": "orders", "partitions": partitions, "replication_factor": "1",
	})
	_, err := schema.InternalMap(topic.Schema).Diff(context.Background(), state, wanted, topic.CustomizeDiff, nil, false)
	return err
}
