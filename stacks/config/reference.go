package config

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// ReferenceFormats lists the formats of [WriteReference].
func ReferenceFormats() []string { return []string{"text", "markdown", "json"} }

// WriteReference writes what every configuration key means: its type, default,
// allowed values, reason and the stack kinds that take it.
func WriteReference(w io.Writer, format string) error {
	switch format {
	case "text":
		return writeText(w)
	case "markdown":
		return writeMarkdown(w)
	case "json":
		return writeJSON(w)
	}
	f := Problem{Message: "unknown format", Found: quoted(format), Nearest: nearest(format, ReferenceFormats()), Allowed: strings.Join(ReferenceFormats(), ", ")}
	return fmt.Errorf("reference of the configuration: %s", f)
}

// presence says whether a key may be left out.
func (k *Key) presence() string {
	switch {
	case k.Required:
		return "required"
	case k.Default != "":
		return "default " + k.Default
	default:
		return "optional"
	}
}

// kinds lists the stack kinds that take the key, "" when all do.
func (k *Key) kinds() string {
	names := make([]string, len(k.Stacks))
	for i, stack := range k.Stacks {
		names[i] = string(stack)
	}
	return strings.Join(names, ", ")
}

const referenceWidth = 80

func writeText(w io.Writer) error {
	var b strings.Builder
	b.WriteString("Keys of a stack file, Pulumi.NAME.yaml, below config:. A dot leads into a group,\n[] to each element of a list.\n")
	for i := range keys {
		k := &keys[i]
		fmt.Fprintf(&b, "\n%s:%s\n", Namespace, k.Path)
		wrap(&b, string(k.Type)+", "+k.presence())
		wrap(&b, sentence(k.Meaning))
		if k.Type != Group && k.Type != ListOfGroup && k.Type != Boolean {
			wrap(&b, "Allowed: "+k.allowed()+".")
		}
		if k.Reason != "" {
			wrap(&b, "Why: "+k.Reason+".")
		}
		if k.Stacks != nil {
			wrap(&b, "Only in stacks of kind "+k.kinds()+".")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// wrap writes one paragraph, indented, in lines that fit a terminal.
func wrap(b *strings.Builder, text string) {
	const indent = "    "
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line) > len(indent) && len(line)+1+len(word) > referenceWidth {
			b.WriteString(line + "\n")
			line = indent
		}
		if len(line) > len(indent) {
			line += " "
		}
		line += word
	}
	b.WriteString(line + "\n")
}

func writeMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("| key | type | default | meaning | allowed | why | stacks |\n")
	b.WriteString("|---|---|---|---|---|---|---|\n")
	for i := range keys {
		k := &keys[i]
		allowed, fallback, kinds := k.allowed(), k.Default, k.kinds()
		if k.Type == Group || k.Type == ListOfGroup {
			allowed = ""
		}
		if k.Required {
			fallback = "required"
		}
		if kinds == "" {
			kinds = "all"
		}
		fmt.Fprintf(&b, "| `%s:%s` | %s | %s | %s | %s | %s | %s |\n", Namespace, k.Path, k.Type,
			markdown(fallback), markdown(k.Meaning), markdown(allowed), markdown(k.Reason), kinds)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdown escapes what a table cell would read as markup.
func markdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "#", `\#`, "@", "&#64;").Replace(s)
}

func writeJSON(w io.Writer) error {
	type declaration struct {
		Key      string  `json:"key"`
		Type     Type    `json:"type"`
		Required bool    `json:"required"`
		Default  string  `json:"default,omitempty"`
		Meaning  string  `json:"meaning"`
		Allowed  string  `json:"allowed"`
		Reason   string  `json:"reason,omitempty"`
		Stacks   []Stack `json:"stacks,omitempty"`
	}
	declarations := make([]declaration, len(keys))
	for i := range keys {
		k := &keys[i]
		declarations[i] = declaration{Namespace + ":" + k.Path, k.Type, k.Required, k.Default, k.Meaning, k.allowed(), k.Reason, k.Stacks}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(declarations)
}
