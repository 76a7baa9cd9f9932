package kafka

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

	"plat.dev/toolchain/await"
)

// mended is the upstream provider but for two things that it does in a preview.
func mended(provider *schema.Provider) *schema.Provider {
	keepRecords(provider.ResourcesMap["kafka_topic"])
	awaitPassword(provider.ResourcesMap["kafka_user_scram_credential"])
	return provider
}

// awaitPassword puts off the judgement on a password that is only made by the update: upstream panics on it.
func awaitPassword(credential *schema.Resource) {
	upstream := credential.CustomizeDiff
	credential.CustomizeDiff = func(ctx context.Context, diff *schema.ResourceDiff, connect any) error {
		if !diff.NewValueKnown("password") || !diff.NewValueKnown("password_wo") {
			return nil
		}
		return upstream(ctx, diff, connect)
	}
}

// keepRecords refuses what would cost a topic its records: Kafka takes no partition away, so that upstream deletes a
// topic that shall have fewer, and makes it anew, empty.
func keepRecords(topic *schema.Resource) {
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
}

func fewer(topic string, before, after int) error {
	if after >= before {
		return nil
	}
	return fmt.Errorf("topic %s has %d partitions and cannot have %d: Kafka takes no partition away, and a topic made anew "+
		"would be empty; keep %d, or publish an event of another name, whose topic has %d, and retire this one",
		topic, before, after, before, after)
}
