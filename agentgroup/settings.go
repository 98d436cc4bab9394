package agentgroup

import "time"

// Settings are what a document says. What it does not say is nil, and as the agent's own settings are.
type Settings struct {
	// Native is the receiver that collectors send to: by the flat keys its port, on the host that the
	// agent's own setting names, 0 closes it; or by OTLPNative an address.
	NativePort *uint16
	OTLPNative *string // "": closed
	OTLPHTTP   *string
	OTLPGRPC   *string
	OTLPFrom   []string

	SYS         *string // auto, tp_btf, tracepoint, off
	NET         *bool
	Protocols   map[string]bool
	OpenAfter   *time.Duration
	KeepSecrets *bool

	OTLPMemory *int64 // bytes
	NETMemory  *int64 // bytes
	LogBytes   *int64
	MaxSpans   *int

	LeaveOutPorts []uint16
	Origins       []string
}

// Document is a configuration as it was written.
type Document struct {
	Group    string // what stands at vtap_group_id; "": nothing
	Settings Settings
	// Names are the settings of the agent's configuration file that are said, in the order of the document;
	// the flat keys count as otlp-native.
	Names []string
}
