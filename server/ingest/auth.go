package ingest

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// RequireToken lets only calls pass that carry the metadata `authorization: Bearer TOKEN`.
// An empty token lets all pass.
func RequireToken(token string) grpc.UnaryServerInterceptor {
	want := sha256.Sum256([]byte(token))
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		if token == "" {
			return next(ctx, req)
		}
		md, _ := metadata.FromIncomingContext(ctx)
		for _, v := range md.Get("authorization") {
			scheme, value, _ := strings.Cut(v, " ")
			got := sha256.Sum256([]byte(strings.TrimSpace(value))) // hashed: compared in constant time whatever the lengths
			if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1 {
				return next(ctx, req)
			}
		}
		return nil, status.Error(codes.Unauthenticated, "the server wants a token; give the agent the same --token as the server")
	}
}
