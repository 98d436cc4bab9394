package shapes

import (
	"fmt"
	"slices"
	"strings"
)

// What instrumentations write by OpenTelemetry's conventions, the old ones too: both are
// met in one trace.

// httpRequest is what HTTP instrumentations write, at both ends; address is the server's.
func httpRequest(address, method, route string, code int, more ...any) option {
	return attributes(slices.Concat([]any{
		"http.request.method", method, "http.route", route, "url.path", route, "http.response.status_code", code,
		"server.address", address, "user_agent.original", "Mozilla/5.0",
	}, more)...)
}

// rpc is what gRPC instrumentations write.
func rpc(service, method string, code int) option {
	return attributes("rpc.system", "grpc", "rpc.service", service, "rpc.method", method, "rpc.grpc.status_code", code, "server.port", 8080)
}

// sql is a statement by the present convention.
func sql(system, statement string, more ...any) option {
	return attributes(slices.Concat([]any{"db.system", system, "db.query.text", statement}, more)...)
}

// oldSQL is a statement by the convention before.
func oldSQL(system, statement string, more ...any) option {
	return attributes(slices.Concat([]any{"db.system", system, "db.statement", statement}, more)...)
}

// topic is a message's way.
func topic(system, destination, operation string, more ...any) option {
	return attributes(slices.Concat([]any{"messaging.system", system, "messaging.destination.name", destination, "messaging.operation", operation}, more)...)
}

// stack is a stack trace as a JVM prints it: long, and its cause at the end.
func stack(class, message string) string {
	lines := []string{class + ": " + message, "\tat java.base/java.util.Optional.orElseThrow(Optional.java:403)"}
	for k := range 58 {
		lines = append(lines, fmt.Sprintf("\tat com.acme.checkout.payments.gateway.GatewayClient$$Proxy$$%d.charge(GatewayClient.java:%d)", k, 100+k))
	}
	for k := range 12 {
		lines = append(lines, fmt.Sprintf("\tat org.springframework.aop.framework.ReflectiveMethodInvocation.proceed(ReflectiveMethodInvocation.java:%d)", 160+k))
	}
	return strings.Join(append(lines, "Caused by: io.grpc.StatusRuntimeException: INTERNAL: the card's token has expired"), "\n")
}
