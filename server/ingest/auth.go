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
func RequireToken(token string) []grpc.ServerOption {
	check := tokenCheck(token)
	return []grpc.ServerOption{
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			if err := check(ctx); err != nil {
				return nil, err
			}
			return next(ctx, req)
		}),
		grpc.StreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			if err := check(stream.Context()); err != nil {
				return err
			}
			return next(srv, stream)
		}),
	}
}

func tokenCheck(token string) func(context.Context) error {
	want := sha256.Sum256([]byte(token))
	return func(ctx context.Context) error {
		if token == "" {
			return nil
		}
		md, _ := metadata.FromIncomingContext(ctx)
		for _, v := range md.Get("authorization") {
			scheme, value, _ := strings.Cut(v, " ")
			got := sha256.Sum256([]byte(strings.TrimSpace(value))) // hashed: compared in constant time whatever the lengths
			if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1 {
				return nil
			}
		}
		return status.Error(codes.Unauthenticated, "the server wants a token; give the agent the same --token as the server")
	}
}
