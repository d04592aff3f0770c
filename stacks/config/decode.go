package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decoder turns the tree of a stack file into a Config and collects problems.
type decoder struct {
	config   *Config
	file     string // named where a problem has no better place; "" under the engine
	problems Problems
	// known is false while trailkeep:stack itself is wrong: then no key can be
	// said to be missing or out of place.
	known bool
	at    map[string]*node // values by concrete path, such as trail.dataEvents[0].name
	keyAt map[string]place
	bad   map[string]bool // paths that already have a problem
	// suggested counts the unknown keys for which a near one was sought.
	suggested int
}

// mostSuggestions bounds the search for near keys: a file with more unknown keys
// than this is some other program's.
const mostSuggestions = 100

func newDecoder() *decoder {
	return &decoder{
		config: &Config{},
		at:     map[string]*node{}, keyAt: map[string]place{}, bad: map[string]bool{},
	}
}

func (d *decoder) decode(values *node) {
	d.keyAt[""] = values.place // where a missing group would have to stand
	set := &node{kind: mappingNode}
	for _, e := range values.entries {
		// An empty top-level value is Pulumi.yaml's way to say optional.
		declared := slices.ContainsFunc(children[""], func(k *Key) bool { return k.Path == e.name })
		if !declared || !e.value.empty() {
			set.entries = append(set.entries, e)
		}
	}
	d.members("", set)
	if d.known {
		d.fallbacks()
		d.relations()
	}
}

// children lists the keys directly below a path; "" is the top level.
var children = func() map[string][]*Key {
	byParent := map[string][]*Key{}
	for i := range keys {
		parent, _ := splitPath(keys[i].Path)
		byParent[parent] = append(byParent[parent], &keys[i])
	}
	return byParent
}()

// splitPath splits a declared path into its parent and its last segment. The
// parent of trail.dataEvents[].name is trail.dataEvents.
func splitPath(path string) (parent, name string) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return strings.TrimSuffix(path[:i], "[]"), path[i+1:]
	}
	return "", path
}

func join(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "." + name
}

// index matches the list positions of a concrete path.
var index = regexp.MustCompile(`\[\d+\]`)

// declared returns the declared path that a concrete path is an instance of.
func declared(path string) string { return index.ReplaceAllString(path, "[]") }

// fits reports whether a stack kind may hold the key.
func (k *Key) fits(stack Stack) bool { return k.Stacks == nil || slices.Contains(k.Stacks, stack) }

// members decodes the keys of a group in the order of their declaration, so
// that trailkeep:stack is known before it decides what else may be set.
func (d *decoder) members(path string, n *node) {
	known := children[strings.TrimSuffix(declared(path), "[]")]
	for _, k := range known {
		_, name := splitPath(k.Path)
		child := join(path, name)
		e, ok := n.get(name)
		if ok {
			d.at[child], d.keyAt[child] = e.value, e.place
			d.key(k, child, e)
		} else {
			d.missing(k, child, path)
		}
		if k.Path == "stack" {
			d.known = !d.bad[child]
			if !ok {
				d.config.Stack = StackOrganization
			}
		}
	}
	for _, e := range n.entries {
		if !slices.ContainsFunc(known, func(k *Key) bool { _, name := splitPath(k.Path); return name == e.name }) {
			d.unknown(path, e)
		}
	}
}

func (d *decoder) missing(k *Key, path, parent string) {
	if !d.known || !k.fits(d.config.Stack) {
		return
	}
	switch {
	case k.Required:
		at, known := d.keyAt[parent]
		for above := parent; !known && above != ""; at, known = d.keyAt[above] {
			above, _ = splitPath(above)
		}
		d.report(path, at, Problem{Message: "is missing: " + k.Meaning, Allowed: k.allowed()})
	case k.Type == Group && !k.optional:
		d.members(path, &node{kind: mappingNode})
	}
}

func (d *decoder) unknown(parent string, e entry) {
	p := Problem{Message: "unknown key"}
	if d.suggested++; d.suggested <= mostSuggestions {
		p.Nearest = d.suggest(declared(parent), e.name)
	}
	var names []string
	for _, k := range children[strings.TrimSuffix(declared(parent), "[]")] {
		if _, name := splitPath(k.Path); !d.known || k.fits(d.config.Stack) {
			names = append(names, name)
		}
	}
	p.Allowed = strings.Join(names, ", ")
	if e.name == "<<" {
		p.Message, p.Nearest = "merges another group, which Pulumi does not keep when it rewrites the file", ""
		p.Hint = "write the keys out"
	}
	d.report(join(parent, e.name), e.place, p)
}

// suggest returns the key that an unknown one was probably meant to be: a
// sibling, else a key deeper in the group (retention for
// objectLock.retentionYears), else one elsewhere with very nearly that name.
func (d *decoder) suggest(parent, found string) string {
	prefix := parent + "."
	parent = strings.TrimSuffix(parent, "[]")
	best, shortest := "", 0
	consider := func(candidate string, words ...string) {
		for _, word := range words {
			if distance, ok := near(found, word); ok && (best == "" || distance < shortest) {
				best, shortest = candidate, distance
			}
		}
	}
	for pass := range 3 {
		for i := range keys {
			k := &keys[i]
			if d.known && !k.fits(d.config.Stack) {
				continue
			}
			above, name := splitPath(k.Path)
			below, inside := strings.CutPrefix(k.Path, prefix)
			if parent == "" {
				below, inside = Namespace+":"+k.Path, true
			}
			switch {
			case pass == 0 && above == parent:
				consider(below, name)
			case pass == 1 && inside && above != parent:
				consider(below, name, firstWord(name))
			case pass == 2 && !inside && best == "" && strings.EqualFold(name, found):
				consider(Namespace+":"+k.Path, name)
			}
		}
	}
	return best
}

// firstWord returns retention for retentionYears.
func firstWord(name string) string {
	if i := strings.IndexFunc(name, func(r rune) bool { return r >= 'A' && r <= 'Z' }); i >= 5 {
		return name[:i]
	}
	return name
}

// report records a problem with a key; a place without a line is replaced by
// the stack file alone.
func (d *decoder) report(path string, at place, p Problem) {
	p.Key = Namespace + ":" + path
	p.File, p.Line, p.Column = at.file, at.line, at.column
	if p.File == "" {
		p.File = d.file
	}
	d.bad[path] = true
	d.problems = append(d.problems, p)
}

func (d *decoder) faulty(path string, k *Key, n *node, f *fault) {
	p := Problem{Message: f.message, Found: n.written(), Allowed: f.allowed, Nearest: f.nearest, Hint: f.hint}
	if p.Allowed == "" {
		p.Allowed = k.allowed()
	}
	if n.secret {
		p.Nearest = ""
	}
	d.report(path, n.place, p)
}

// allowed says which values a key takes.
func (k *Key) allowed() string {
	switch {
	case k.Allowed != "":
		return k.Allowed
	case k.Type == TextList && len(k.values) > 0:
		return "a list of " + strings.Join(k.values, ", ")
	case len(k.values) > 0:
		return strings.Join(k.values, ", ")
	case k.Type == Boolean:
		return "true or false"
	case k.Type == Integer:
		return fmt.Sprintf("a whole number from %d to %d", k.least, k.most)
	case k.Type == Group:
		var names []string
		for _, child := range children[k.Path] {
			_, name := splitPath(child.Path)
			names = append(names, name)
		}
		return "a group of " + strings.Join(names, ", ")
	case k.Type == ListOfGroup:
		return "a list of groups"
	default:
		return "a " + string(k.Type)
	}
}

func (d *decoder) key(k *Key, path string, e entry) {
	n := e.value
	switch {
	case d.known && !k.fits(d.config.Stack):
		d.report(path, e.place, Problem{
			Message: fmt.Sprintf("is not for a stack of kind %s, only for %s", d.config.Stack, k.kinds()),
			Hint:    "remove it, or correct " + Namespace + ":stack",
		})
		return
	case n.kind == nullNode:
		d.report(path, e.place, Problem{Message: "has no value", Allowed: k.allowed(), Hint: "leave the key out to have its default"})
		return
	case n.kind == secretNode:
		d.report(path, e.place, Problem{Message: "is encrypted, and can be read under the engine alone", Allowed: k.allowed(),
			Hint: "no key of this project is a secret; write it in the clear, so that it can be reviewed"})
		return
	}
	switch k.Type {
	case Group:
		if d.kind(k, path, n, mappingNode) {
			if k.field != nil {
				k.field(d.config)
			}
			d.members(path, n)
		}
	case ListOfGroup:
		if !d.kind(k, path, n, sequenceNode) {
			return
		}
		for i, item := range n.items {
			element := fmt.Sprintf("%s[%d]", path, i)
			d.at[element], d.keyAt[element] = item, item.place
			if item.kind != mappingNode {
				d.faulty(element, k, item, &fault{message: "has the wrong type", allowed: k.element()})
				continue
			}
			k.field(d.config)
			d.members(element, item)
			d.elementFallbacks(k, element)
		}
	case Text:
		if text, ok := d.text(k, path, n); ok {
			d.set(k, text)
		}
	case Integer:
		d.integer(k, path, n)
	case Boolean:
		d.boolean(k, path, n)
	case TextList:
		d.list(k, path, n)
	case TextMap:
		d.textMap(k, path, n)
	}
}

// kind reports whether a value is a group or a list as the key wants it.
func (d *decoder) kind(k *Key, path string, n *node, want nodeKind) bool {
	if n.kind == want {
		return true
	}
	d.faulty(path, k, n, &fault{message: "has the wrong type"})
	return false
}

// element says what one element of a list may be.
func (k *Key) element() string {
	if k.Type == ListOfGroup {
		var names []string
		for _, child := range children[k.Path] {
			_, name := splitPath(child.Path)
			names = append(names, name)
		}
		return "a group of " + strings.Join(names, ", ")
	}
	return k.allowed()
}

// text returns the text of a scalar that the key accepts.
func (d *decoder) text(k *Key, path string, n *node) (string, bool) {
	switch n.kind {
	case textNode:
	case integerNode, decimalNode:
		// Pulumi reads 012345678901 as a number, drops the zero and writes the
		// rest back, so that no unquoted number can be trusted.
		d.faulty(path, k, n, &fault{message: "is a number, which loses leading zeros when Pulumi rewrites the file",
			hint: "put it in quotes: \"" + n.text + "\" (pulumi config set --path takes --type string)"})
		return "", false
	case booleanNode, otherNode:
		d.faulty(path, k, n, &fault{message: "has the wrong type: YAML does not read it as text", hint: "put it in quotes"})
		return "", false
	default:
		d.faulty(path, k, n, &fault{message: "has the wrong type"})
		return "", false
	}
	if f := k.judge(n.text); f != nil {
		d.faulty(path, k, n, f)
		return "", false
	}
	return n.text, true
}

// judge checks one text against what the key allows.
func (k *Key) judge(text string) *fault {
	switch {
	case k.longest > 0 && utf8.RuneCountInString(text) > k.longest:
		return &fault{message: fmt.Sprintf("is %d characters long, at most %d are allowed", utf8.RuneCountInString(text), k.longest)}
	case k.check != nil:
		return k.check(text)
	case len(k.values) > 0 && !slices.Contains(k.values, text):
		return &fault{message: "is none of the allowed values", nearest: nearest(text, k.values)}
	case k.pattern != "" && !regexp.MustCompile(k.pattern).MatchString(text):
		return &fault{message: "has the wrong form"}
	}
	return nil
}

func (d *decoder) integer(k *Key, path string, n *node) {
	digits := strings.Trim(n.text, "0123456789") == ""
	switch {
	case n.kind == integerNode:
	case n.kind == decimalNode && digits: // too long for YAML's integers
		d.faulty(path, k, n, &fault{message: "is out of range"})
		return
	case n.kind == textNode && digits && n.text != "":
		d.faulty(path, k, n, &fault{message: "is text", hint: "remove the quotes"})
		return
	default:
		d.faulty(path, k, n, &fault{message: "has the wrong type"})
		return
	}
	value, err := strconv.Atoi(n.text)
	switch {
	case err != nil || strconv.Itoa(value) != n.text:
		d.faulty(path, k, n, &fault{message: "is no plain whole number"})
	case len(k.values) > 0 && !slices.Contains(k.values, n.text):
		d.faulty(path, k, n, &fault{message: "is none of the allowed values", nearest: nextLarger(value, k.values)})
	case len(k.values) == 0 && (value < k.least || value > k.most):
		d.faulty(path, k, n, &fault{message: "is out of range"})
	default:
		d.set(k, value)
	}
}

// nextLarger returns the smallest allowed number that is not less: whoever asks
// for 1000 days of logs should not get fewer.
func nextLarger(value int, values []string) string {
	for _, allowed := range values {
		if n, err := strconv.Atoi(allowed); err == nil && n >= value {
			return allowed
		}
	}
	return values[len(values)-1]
}

// truthOf translates the words of YAML 1.1 and their like, which YAML 1.2 and
// Pulumi read as text.
var truthOf = map[string]string{"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}

func (d *decoder) boolean(k *Key, path string, n *node) {
	// "pulumi config set trailkeep:disposable true" writes text at the top level.
	topLevel := !strings.Contains(path, ".")
	if n.kind != booleanNode && (n.kind != textNode || !topLevel) || n.text != "true" && n.text != "false" {
		f := &fault{message: "has the wrong type", nearest: truthOf[strings.ToLower(n.text)]}
		if n.kind == textNode && (n.text == "true" || n.text == "false") {
			f.message, f.hint = "is text", "remove the quotes"
		}
		d.faulty(path, k, n, f)
		return
	}
	d.set(k, n.text == "true")
}

func (d *decoder) list(k *Key, path string, n *node) {
	if !d.kind(k, path, n, sequenceNode) {
		return
	}
	if len(n.items) < k.least {
		d.faulty(path, k, n, &fault{message: "is an empty list"})
		return
	}
	texts := make([]string, 0, len(n.items))
	for i, item := range n.items {
		element := fmt.Sprintf("%s[%d]", path, i)
		d.at[element] = item
		text, ok := d.text(k, element, item)
		if !ok {
			d.bad[path] = true
			continue
		}
		if k.unique && slices.Contains(texts, text) {
			d.faulty(element, k, item, &fault{message: "stands in the list twice", allowed: "each value once"})
			d.bad[path] = true
			continue
		}
		texts = append(texts, text)
	}
	d.set(k, texts)
}

func (d *decoder) textMap(k *Key, path string, n *node) {
	if !d.kind(k, path, n, mappingNode) {
		return
	}
	texts := map[string]string{}
	for _, e := range n.entries {
		element := join(path, e.name)
		d.at[element], d.keyAt[element] = e.value, e.place
		if f := checkTagKey(e.name); f != nil {
			d.report(element, e.place, Problem{Message: f.message, Allowed: allowedTags, Hint: f.hint})
			continue
		}
		value := &Key{Type: Text, Allowed: allowedTags, longest: 256, check: checkTagValue}
		if text, ok := d.text(value, element, e.value); ok {
			texts[e.name] = text
		}
	}
	if len(n.entries) > k.most {
		d.relation(path, &fault{message: fmt.Sprintf("has %d tags, AWS takes %d on one resource", len(n.entries), k.most), allowed: allowedTags})
	}
	d.set(k, texts)
}

// set stores a value in the Go field of its key.
func (d *decoder) set(k *Key, value any) { assign(k.field(d.config), value) }

func assign(field, value any) {
	switch f := field.(type) {
	case *string:
		*f = value.(string)
	case *int:
		*f = value.(int)
	case *bool:
		*f = value.(bool)
	case *[]string:
		*f = value.([]string)
	case *map[string]string:
		*f = value.(map[string]string)
	case *Stack:
		*f = Stack(fmt.Sprint(value))
	case *Protection:
		*f = Protection(fmt.Sprint(value))
	}
}

// fallbacks gives every key that was left out its default, in the order of the
// declarations, since later defaults build on earlier ones.
func (d *decoder) fallbacks() {
	for i := range keys {
		k := &keys[i]
		if k.fallback == nil || strings.Contains(k.Path, "[]") || !k.fits(d.config.Stack) {
			continue
		}
		parent, _ := splitPath(k.Path)
		if !d.reached(parent) {
			continue
		}
		if _, given := d.at[k.Path]; !given || d.bad[k.Path] {
			assign(k.field(d.config), k.fallback(d.config))
		}
	}
}

// reached reports whether the groups around a key exist in the configuration:
// the optional ones are nil unless the file sets them.
func (d *decoder) reached(path string) bool {
	for ; path != ""; path, _ = splitPath(path) {
		for i := range keys {
			if keys[i].Path == path && keys[i].optional {
				if _, given := d.at[path]; !given || d.bad[path] {
					return false
				}
			}
		}
	}
	return true
}

func (d *decoder) elementFallbacks(list *Key, element string) {
	for _, k := range children[list.Path] {
		_, name := splitPath(k.Path)
		if _, given := d.at[join(element, name)]; k.fallback != nil && !given {
			assign(k.field(d.config), k.fallback(d.config))
		}
	}
}
