package cloudtrail

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestJSONText(t *testing.T) {
	const doc = JSON(`{
		"name": "a\"b\u00e9\ud83d\ude00\/", "n": 12.50, "yes": true, "none": null, "empty": "",
		"set": {"items": [{"id": "i-1"}, {"id": "i-2"}, {"other": 1}]},
		"list": ["x", "", "y", {"id": "z"}], "a.b": {"c": "dotted"}, "twice": "first", "twice": "last",
		"n\u0061med": {"by": "escape"}
	}`)
	for _, c := range []struct {
		path string
		want []string
	}{
		{"name", []string{`a"bé😀/`}},
		{"n", []string{"12.50"}},
		{"yes", []string{"true"}},
		{"none", nil},
		{"empty", nil},
		{"missing", nil},
		{"set/items/id", []string{"i-1", "i-2"}},
		{"set", nil},
		{"set/items", nil},
		{"list", []string{"x", "y"}},
		{"list/id", []string{"z"}},
		{"name/more", nil},
		{"a.b/c", []string{"dotted"}},
		{"twice", []string{"last"}},
		{"named/by", []string{"escape"}},
	} {
		got := doc.Texts(strings.Split(c.path, "/")...)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.path, got, c.want)
		}
		first, ok := doc.Text(strings.Split(c.path, "/")...)
		if ok != (len(c.want) > 0) || ok && first != c.want[0] {
			t.Errorf("%s: the first is %q, %v", c.path, first, ok)
		}
	}
	if JSON("").Present() || JSON("null").Present() || !JSON("{}").Present() {
		t.Error("Present")
	}
}

// What is accepted is what encoding/json accepts, and strings mean the same.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-0.5e+7,true,false,null,"x\n\u12ab\ud83d\ude00\ud800"],"b":{}}`, `{"a":01}`, `{"a":"` + "\x01" + `"}`, `{"a":1,}`, `{,}`, `[`, `{"a"}`, `{"a":tru}`, `{"a":"\u12"}`,
		`{"a":"\x"}`, `-`, `1.`, `1e`, "\"\xff\"", `{"eventName":"X","eventTime":"2024-06-03T09:15:27Z","resources":[{"ARN":"a"},2]}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i := skipSpace(s, 0)
		end, ok := skipValue(s, i, 0)
		ok = ok && skipSpace(s, end) == len(s)
		if want := json.Valid([]byte(s)); ok != want {
			t.Fatalf("valid %v, encoding/json says %v", ok, want)
		}
		// On text that is no JSON the lookups give what they find, and end.
		JSON(s).Texts("a", "b")
		members(s, 0, func(string, JSON) {})
		if !ok {
			return
		}
		if last := endOfValue(s, i); last != end {
			t.Fatalf("the value ends at %d, not %d", end, last)
		}
		if s[i] == '"' {
			var want string
			if err := json.Unmarshal([]byte(s), &want); err != nil {
				t.Fatal(err)
			}
			if got := unquote(s[i:end]); got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
		if s[i] != '{' {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal([]byte(s), &want); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		members(s, i, func(k string, v JSON) { got[k] = string(v) })
		if len(got) != len(want) {
			t.Fatalf("%d members, want %d", len(got), len(want))
		}
		for k, v := range want {
			found := string(member(s, i, k))
			if strings.ContainsRune(k, '\uFFFD') {
				found = got[k] // of a key that is not UTF-8; no field has such a name
			}
			if got[k] != string(bytes.TrimSpace(v)) || found != got[k] {
				t.Fatalf("member %q is %q and %q, want %q", k, got[k], member(s, i, k), v)
			}
		}
	})
}

func TestDeepNesting(t *testing.T) {
	for _, n := range []int{1000, 1_000_000} {
		deep := `{"eventName":"X","eventSource":"s3.amazonaws.com","requestParameters":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
		r, err := Decode([]byte(deep))
		if (n < maxDepth) != (err == nil) {
			t.Errorf("%d deep: %v", n, err)
		}
		if err == nil {
			Explain(r)
			r.RequestParameters.Texts("a")
		}
	}
}
