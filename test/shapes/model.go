package shapes

import (
	"encoding/hex"
	"encoding/json"
	"strings"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
)

// genAI is an agent that asks a model three times, with tools between: most of 98 seconds
// is the model's, and one tool timed out and was called again.
func genAI(m *maker) {
	t := m.trace(0)
	root := t.add(nil, "assistant-api", "POST /v1/ask", server, 0, 98_000, httpRequest("assistant-api", "POST", "/v1/ask", 200))
	agent := t.add(root, "assistant-api", "invoke_agent travel-planner", internal, 40, 97_800,
		attributes("gen_ai.operation.name", "invoke_agent", "gen_ai.agent.name", "travel-planner", "gen_ai.system", "openai"))
	c := conversation{t: t, agent: agent, at: 100}
	c.chat(6100, 1830, 120)
	c.tool("search_trains", 2200, "")
	c.chat(9400, 3400, 300)
	c.tool("search_hotels", 30_000, "upstream timed out")
	c.tool("search_hotels", 2800, "")
	c.chat(44_000, 9100, 2100)
}

// conversation is what an agent does, one step after the other.
type conversation struct {
	t     *trace
	agent *otlp.Span
	at    float64
}

// message is one of a chat, as gen_ai.input.messages and gen_ai.output.messages hold them.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

func messages(list ...message) string {
	text, err := json.Marshal(list)
	if err != nil {
		panic("BUG: marshal messages: " + err.Error())
	}
	return string(text)
}

func (c *conversation) chat(duration float64, input, output int) {
	asked := messages(
		message{"system", strings.Repeat("You help people to plan their travels. ", 80)},
		message{"user", "Plan 4 days in Lisbon with two kids; trains only.\nBudget 800 €."})
	answered := messages(message{"assistant", strings.Repeat("Day 1: Alfama…\n", 40)})
	c.t.add(c.agent, "assistant-api", "chat gpt-4o-2024-11-20", client, c.at, duration, attributes(
		"gen_ai.operation.name", "chat", "gen_ai.system", "openai", "gen_ai.request.model", "gpt-4o", "gen_ai.response.model", "gpt-4o-2024-11-20",
		"gen_ai.usage.input_tokens", input, "gen_ai.usage.output_tokens", output, "gen_ai.request.temperature", 0.2,
		"gen_ai.input.messages", asked, "gen_ai.output.messages", answered, "server.address", "api.openai.com",
	), event(350, "gen_ai.first_token"))
	c.at += duration + 20
}

// tool calls a tool, which asks another service; failure is why that did not answer.
func (c *conversation) tool(name string, duration float64, failure string) {
	code, tool, get := 200, attributes(), attributes()
	if failure != "" {
		code, tool, get = 503, failed(failure), failed("")
	}
	s := c.t.add(c.agent, "assistant-api", "execute_tool "+name, internal, c.at, duration,
		attributes("gen_ai.operation.name", "execute_tool", "gen_ai.tool.name", name, "gen_ai.tool.call.id", "call_"+hex.EncodeToString(c.t.newSpanID())), tool)
	c.t.add(s, "assistant-api", "GET", client, c.at+5, duration-10, httpRequest(strings.TrimPrefix(name, "search_")+".example", "GET", "/search", code), get)
	c.at += duration + 10
}
