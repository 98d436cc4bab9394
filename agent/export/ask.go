package export

import (
	"context"

	"github.com/throughline-io/throughline/pkg/wire"
)

// Ask connects to a server as a queue would and pushes nothing, in the name of nobody: a server that can
// be reached, and takes the token, refuses that as InvalidArgument. Of c it needs Server and Dial.
func Ask(ctx context.Context, c Config) error {
	conn, err := dial(&c)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = wire.NewIngestClient(conn).Push(ctx, &wire.PushRequest{})
	return err
}
