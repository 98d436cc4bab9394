package otlp

type scanner struct{}
