package agentgroup

import _ "embed"

// Example is a document with every key, as comments but for what is always needed.
//
//go:embed example.yaml
var Example string
