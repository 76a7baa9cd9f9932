package kafka

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

	"plat.dev/toolchain/await"
)

// keeping makes the provider refuse what would cost a topic its records: Kafka takes no partition away, so that the
// upstream provider deletes a topic that shall have fewer, and makes it anew, empty.
func keeping(provider *schema.Provider) *schema.Provider {
	topic := provider.ResourcesMap["kafka_topic"]
	upstream := topic.CustomizeDiff
	topic.CustomizeDiff = func(ctx context.Context, diff *schema.ResourceDiff, connect any) error {
		if diff.Id() == "" {
			return nil
		}
		if diff.HasChange("partitions") {
			before, after := diff.GetChange("partitions")
			if err := fewer(diff.Id(), before.(int), after.(int)); err != nil {
				return err
			}
		}
		// Nothing else of upstream's asks the server, which a preview must do without where it can.
		if !diff.HasChange("replication_factor") {
			return nil
		}
		client, err := connect.(await.Connect)()
		if err != nil {
			return err
		}
		return upstream(ctx, diff, client)
	}
	return provider
}

func fewer(topic string, before, after int) error {
	if after >= before {
		return nil
	}
	return fmt.Errorf("topic %s has %d partitions and cannot have %d: Kafka takes no partition away, and a topic made anew "+
		"would be empty; keep %d, or publish a new version of the event, whose topic has %d, and retire the old one",
		topic, before, after, before, after)
}
