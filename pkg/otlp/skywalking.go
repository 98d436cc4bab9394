package otlp

import "cmp"

// skyWalkingTags are SkyWalking's tags by OpenTelemetry's names of today; the others keep theirs.
var skyWalkingTags = map[string]string{
	"http.method": "http.request.method",
	"db.instance": "db.namespace", "db.statement": "db.query.text",
	"cache.cmd": "db.operation.name",
	"mq.topic":  "messaging.destination.name", "mq.queue": "messaging.destination.name",
}

// skyWalkingExceptions are the keys of an error's log, by OpenTelemetry's names.
var skyWalkingExceptions = map[string]string{"error.kind": "exception.type", "message": "exception.message", "stack": "exception.stacktrace", "Traceback": "exception.stacktrace"}

// SkyWalkingTag is the attribute that a tag of SkyWalking is.
func SkyWalkingTag(key string) string { return cmp.Or(skyWalkingTags[key], key) }

// SkyWalkingException is the attribute that a pair of an error's log is.
func SkyWalkingException(key string) string { return cmp.Or(skyWalkingExceptions[key], key) }
