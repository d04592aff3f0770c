package plan

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Text writes the recording as sorted lines, complete and stable: what golden
// files hold.
func (r *Recording) Text(w io.Writer) error {
	for _, res := range r.Resources {
		var marks []string
		if res.Provider != "" {
			marks = append(marks, "provider "+res.Provider)
		}
		if res.Parent != "" {
			marks = append(marks, "in "+res.Parent)
		}
		if res.Protect {
			marks = append(marks, "protected")
		}
		if res.RetainOnDelete {
			marks = append(marks, "retained")
		}
		if res.ImportID != "" {
			marks = append(marks, "imported as "+res.ImportID)
		}
		if _, err := fmt.Fprintf(w, "%s %s (%s)\n", res.Type, res.Name, strings.Join(marks, ", ")); err != nil {
			return err
		}
		if len(res.IgnoreChanges) > 0 {
			fmt.Fprintf(w, "    ignores changes of %s\n", strings.Join(res.IgnoreChanges, ", "))
		}
		if len(res.Dependencies) > 0 {
			fmt.Fprintf(w, "    after %s\n", strings.Join(res.Dependencies, ", "))
		}
		for _, key := range slices.Sorted(maps.Keys(res.Inputs)) {
			if value := render(res.Inputs[key]); value != "" {
				fmt.Fprintf(w, "    %s: %s\n", key, strings.ReplaceAll(value, "\n", "\n      "))
			}
		}
	}
	return nil
}

// render shows a policy document indented and everything else on one line.
func render(v resource.PropertyValue) string {
	if v.IsString() && strings.HasPrefix(v.StringValue(), "{") {
		var document any
		if json.Unmarshal([]byte(v.StringValue()), &document) == nil {
			pretty, err := json.MarshalIndent(document, "", "  ")
			if err == nil {
				return string(pretty)
			}
		}
	}
	text, err := json.Marshal(plain(v))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func plain(v resource.PropertyValue) any {
	switch {
	case v.IsComputed() || v.IsOutput():
		return "(known after creation)"
	case v.IsSecret():
		return "(secret)"
	case v.IsArray():
		list := []any{}
		for _, e := range v.ArrayValue() {
			list = append(list, plain(e))
		}
		return list
	case v.IsObject():
		object := map[string]any{}
		for k, e := range v.ObjectValue() {
			object[string(k)] = plain(e)
		}
		return object
	default:
		return v.Mappable()
	}
}
