// Package wire is what agents and servers say to one another: the gRPC service Ingest,
// and a span.Batch whose columns travel as bytes.
//
// Encode and Decode convert between the two forms of a batch. Decode trusts nothing: a
// column that is cut off, a reference beyond the string table, more rows than MaxRows are
// errors that name the column. Columns of newer agents are ignored, columns that older
// agents do not send are zero.
package wire

//go:generate sh -c "protoc --plugin=protoc-gen-go=$(go tool -n protoc-gen-go) --plugin=protoc-gen-go-grpc=$(go tool -n protoc-gen-go-grpc) --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative wire.proto"
