package config

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestReference(t *testing.T) {
	for format, file := range map[string]string{"text": "reference.txt", "markdown": "reference.md"} {
		var b bytes.Buffer
		if err := WriteReference(&b, format); err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join("testdata", file), b.String())
		for _, k := range Keys() {
			if !strings.Contains(b.String(), Namespace+":"+k.Path) {
				t.Errorf("the %s reference leaves out %s", format, k.Path)
			}
		}
		for i, line := range strings.Split(b.String(), "\n") {
			if format == "text" && utf8.RuneCountInString(line) > referenceWidth {
				t.Errorf("line %d is wider than a terminal: %s", i+1, line)
			}
			if format == "markdown" && line != "" && strings.Count(line, "|")-strings.Count(line, `\|`) != 8 {
				t.Errorf("line %d has another number of cells: %s", i+1, line)
			}
		}
	}
}

func TestReferenceAsJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteReference(&b, "json"); err != nil {
		t.Fatal(err)
	}
	var declarations []struct{ Key, Type, Meaning, Reason string }
	if err := json.Unmarshal(b.Bytes(), &declarations); err != nil {
		t.Fatal(err)
	}
	if len(declarations) != len(Keys()) || declarations[0].Key != "trailkeep:stack" {
		t.Errorf("%d keys, the first is %q, want %d from trailkeep:stack on", len(declarations), declarations[0].Key, len(Keys()))
	}
}

func TestUnknownReferenceFormat(t *testing.T) {
	err := WriteReference(&bytes.Buffer{}, "jsn")
	const want = `reference of the configuration: unknown format, found "jsn"; did you mean json? allowed: text, markdown, json`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Every declaration is complete: whatever a reader or the decoder needs is
// there, and a group stands before its members.
func TestDeclarationsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Keys() {
		if seen[k.Path] {
			t.Errorf("%s is declared twice", k.Path)
		}
		seen[k.Path] = true
		if parent, _ := splitPath(k.Path); parent != "" && !seen[parent] {
			t.Errorf("%s is declared before its group", k.Path)
		}
		if k.Meaning == "" {
			t.Errorf("%s has no meaning", k.Path)
		}
		if k.Type != Group && (k.field == nil || k.Reason == "") {
			t.Errorf("%s has no field or no reason", k.Path)
		}
		if k.Required && k.Default != "" {
			t.Errorf("%s is required and has a default", k.Path)
		}
		if k.Type != Group && !k.Required && k.Default == "" && k.Path != "trail.logKeyArn" && k.Path != "trail.archiveStack" {
			t.Errorf("%s is optional and has no default", k.Path)
		}
		if strings.HasSuffix(k.Meaning, ".") || strings.HasSuffix(k.Reason, ".") {
			t.Errorf("%s: meaning and reason are written without a final period", k.Path)
		}
		if value, ok := k.defaultValue(); ok && k.Type == Text && k.judge(value.(string)) != nil {
			t.Errorf("%s: the default is not allowed", k.Path)
		}
	}
}
