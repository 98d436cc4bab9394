// Package agentgroup is the configuration of an agent group: which keys there are, what they may
// say, and the document that a user writes. The command line, the server and the agent read it by
// the same code, so that what one accepts the others do.
//
// A document is YAML of at most MaxDocument bytes:
//
//	vtap_group_id: g-1a2b3c4d5e           # or given beside the document; the same where both are
//	external_agent_http_proxy_enabled: 1  # 0: the receiver that collectors send to is closed
//	external_agent_http_proxy_port: 38086
//	agent:                                # settings of the agent's own configuration file
//	  protocols: {mysql: false}
//
// The flat keys are those of DeepFlow's agent groups, so that their files can be used as they are.
// What a document does not name is as each agent's own settings say.
package agentgroup
