package agentgroup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// MaxDocument bounds a document, in bytes.
const MaxDocument = 64 << 10

// Parse reads a document and checks all that it says. The error names each fault with its line.
func Parse(text []byte) (*Document, error) {
	if len(text) > MaxDocument {
		return nil, fmt.Errorf("the configuration has %d bytes; at most %d are taken", len(text), MaxDocument)
	}
	root, err := rootOf(text)
	if err != nil {
		return nil, err
	}
	if root == nil || len(root.Content) == 0 {
		return nil, fmt.Errorf("the configuration says nothing: want %s: 1 or 0", keyEnabled)
	}
	p := parser{document: new(Document)}
	p.top(root)
	if len(p.faults) > 0 {
		return nil, errors.Join(p.faults...)
	}
	return p.document, nil
}

// rootOf is the mapping of a document, nil where it is empty.
func rootOf(text []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var file yaml.Node
	if err := decoder.Decode(&file); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var more yaml.Node
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line %d: a second document begins; want one", max(more.Line, 2))
	}
	root := file.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: want settings as `name: value`", root.Line)
	}
	return root, nil
}

// parser gathers what a document says, and its faults.
type parser struct {
	document *Document
	faults   []error
}

func (p *parser) fault(n *yaml.Node, format string, arguments ...any) {
	p.faults = append(p.faults, fmt.Errorf("line %d: "+format, append([]any{n.Line}, arguments...)...))
}

// placeholder is what a shell would have replaced.
var placeholder = regexp.MustCompile(`\$\{[^}]*\}?`)

// left reports a `${NAME}` that nobody replaced, wherever it stands.
func (p *parser) left(n *yaml.Node) bool {
	found := placeholder.FindString(n.Value)
	if n.Kind != yaml.ScalarNode || found == "" {
		return false
	}
	p.fault(n, "%s stands there as it is: a shell replaces it only outside of single quotes, and nothing else does; write the value", found)
	return true
}

// pairs calls each for the keys of a mapping; twice the same, and what stands for another place, are faults.
func (p *parser) pairs(mapping *yaml.Node, each func(key, value *yaml.Node)) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		switch {
		case p.left(key):
		case key.Kind != yaml.ScalarNode || value.Kind == yaml.AliasNode || key.Value == "<<":
			p.fault(key, "want `name: value`, without anchors, aliases and merges")
		case seen[key.Value]:
			p.fault(key, "%s is there twice", key.Value)
		case p.left(value):
		default:
			each(key, value)
		}
		seen[key.Value] = true
	}
}

func (p *parser) top(root *yaml.Node) {
	var group, enabled, port, nested *yaml.Node
	places := map[string]**yaml.Node{keyGroup: &group, keyEnabled: &enabled, keyPort: &port, keyAgent: &nested}
	p.pairs(root, func(key, value *yaml.Node) {
		if place := places[key.Value]; place != nil {
			*place = value
			return
		}
		if _, ok := settings[key.Value]; ok {
			p.fault(key, "%s stands under `agent:`", key.Value)
			return
		}
		p.fault(key, "there is no key %q; do you mean %q?", key.Value, Nearest(key.Value, flatKeys))
	})
	if len(p.faults) > 0 {
		return // what is lacking may be what was meant
	}
	p.group(group)
	p.native(root, enabled, port, nested)
	if nested != nil {
		p.nested(nested)
	}
}

func (p *parser) group(n *yaml.Node) {
	if n == nil {
		return
	}
	if p.document.Group = n.Value; n.Kind != yaml.ScalarNode || checkName(n.Value) != nil {
		p.fault(n, "%s: want the id of a group, as `throughline ctl agent-group list` prints it", keyGroup)
	}
}

// native reads the flat keys of the receiver that collectors send to.
func (p *parser) native(root, enabled, port, nested *yaml.Node) {
	if enabled == nil {
		if port != nil || nested == nil {
			p.fault(root, "%s is missing: 1 opens the receiver that collectors send to, 0 closes it", keyEnabled)
		}
		return
	}
	number := uint64(DefaultPort)
	if port != nil {
		var err error
		if number, err = strconv.ParseUint(port.Value, 10, 16); err != nil || number == 0 || !isInt(port) {
			p.fault(port, "%s: %s: want a port, 1 to 65535; %s: 0 closes the receiver", keyPort, said(port), keyEnabled)
			return
		}
	}
	switch {
	case isInt(enabled) && enabled.Value == "1":
	case isInt(enabled) && enabled.Value == "0":
		number = 0
	default:
		p.fault(enabled, "%s: %s: want 0 or 1", keyEnabled, said(enabled))
		return
	}
	native := uint16(number)
	p.document.Settings.NativePort = &native
	p.document.Names = append(p.document.Names, "otlp-native")
}

func isInt(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!int" }

// said is a value as an error shows it.
func said(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "there are further names"
	case yaml.SequenceNode:
		return "there is a list"
	}
	if len(n.Value) > 100 {
		return strconv.Quote(n.Value[:100]) + "..."
	}
	if n.Tag == "!!null" && n.Value == "" {
		return "there is nothing"
	}
	return strconv.Quote(n.Value)
}

func (p *parser) nested(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		p.fault(n, "agent: want settings of the agent as `name: value`")
		return
	}
	p.pairs(n, func(key, value *yaml.Node) {
		when, known := settings[key.Value]
		switch {
		case !known:
			p.fault(key, "agent: there is no setting %q; do you mean %q?", key.Value, Nearest(key.Value, Names()))
		case when == Never:
			p.fault(key, "agent: %s is each agent's own: it stands in its flags or its file, and no group can say it", key.Value)
		case key.Value == "otlp-native" && p.document.Settings.NativePort != nil:
			p.fault(key, "agent: otlp-native is said twice: by %s, too", keyEnabled)
		default:
			if err := set(&p.document.Settings, key.Value, value); err != nil {
				p.fault(value, "%s: %w", key.Value, err)
				return
			}
			p.document.Names = append(p.document.Names, key.Value)
		}
	})
}

// checkName checks a group's name or id.
func checkName(s string) error {
	if !nameForm.MatchString(s) {
		return fmt.Errorf("%q: want 1 to 64 letters, digits, '.', '_' and '-', of which the first is a letter or a digit", s)
	}
	return nil
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// CheckName checks a name for a group.
func CheckName(s string) error { return checkName(s) }

// InDocument is a document, which Parse takes, with the id of its group in it: as one that needs no id
// beside it.
func InDocument(text []byte, group string) []byte {
	root, err := rootOf(text)
	if err != nil || root == nil {
		return text
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == keyGroup {
			return text
		}
	}
	first := root.Content[0]
	if root.Style&yaml.FlowStyle == 0 && first.Column == 1 { // as it was written, before its first key
		lines := slices.Collect(bytes.Lines(text))
		lines = slices.Insert(lines, first.Line-1, []byte(keyGroup+": "+group+"\n"))
		with := bytes.Join(lines, nil)
		if !bytes.HasSuffix(with, []byte("\n")) {
			with = append(with, '\n')
		}
		if d, err := Parse(with); err == nil && d.Group == group {
			return with
		}
	}
	root.Style, root.Content = 0, append([]*yaml.Node{{Kind: yaml.ScalarNode, Value: keyGroup}, {Kind: yaml.ScalarNode, Value: group}}, root.Content...)
	with, err := yaml.Marshal(root)
	if err != nil {
		return text // it was read just now
	}
	return with
}
