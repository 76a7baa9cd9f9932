package await

import "context"

// Connect gives a provider's client; the first call waits for the server and connects.
//
// A provider that is configured with a Connect in its client's place compares what is stored without any server: that
// is what the engine asks of it in a preview, also when the server is down and is only going to be started by that update.
type Connect func() (any, error)

// Later makes an operation of a resource that gets its client from a Connect; nil stays nil.
func Later[D any](do func(D, any) error) func(D, any) error {
	if do == nil {
		return nil
	}
	return func(data D, connect any) error {
		client, err := connect.(Connect)()
		if err != nil {
			return err
		}
		return do(data, client)
	}
}

// LaterExists does the same for the question whether a resource is there.
func LaterExists[D any](exists func(D, any) (bool, error)) func(D, any) (bool, error) {
	if exists == nil {
		return nil
	}
	return func(data D, connect any) (bool, error) {
		client, err := connect.(Connect)()
		if err != nil {
			return false, err
		}
		return exists(data, client)
	}
}

// LaterContext does the same for an operation that answers in diagnostics, which failed makes of an error.
func LaterContext[D, R any](do func(context.Context, D, any) R, failed func(error) R) func(context.Context, D, any) R {
	if do == nil {
		return nil
	}
	return func(ctx context.Context, data D, connect any) R {
		client, err := connect.(Connect)()
		if err != nil {
			return failed(err)
		}
		return do(ctx, data, client)
	}
}
