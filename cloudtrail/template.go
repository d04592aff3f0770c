package cloudtrail

import (
	"fmt"
	"strings"
	"sync"
)

// A template says what a call did, in the infinitive, from what its record
// names. The first word is the verb; its past form is made from it.
//
//	{req.bucketName}     the value at that path, as an identifier; req is
//	                     requestParameters, res responseElements, add
//	                     additionalEventData; arrays are descended into
//	{'req.bucketName}    the same, in quotes: a name that somebody chose
//	{res.arn|req.name}   the first of these that the record has
//	{instance:req.id}    the values after a noun, which takes the plural
//	[ … ]                left out unless every path within it is there
//	<a>                  "a" or "an" when one thing follows, nothing when several do
//	A || B               B when a path that A needs is missing
//
// When no alternative has what it needs, nothing is said of the effect.
type template struct {
	verb, past   string
	alternatives [][]node
}

type node struct {
	text     string
	paths    []path
	noun     string // with its plural
	plural   string
	quote    bool
	rules    bool // paths lead to EC2 ipPermissions
	article  bool
	optional []node
}

type path struct {
	root string // requestParameters, …
	keys []string
	name string // dotted, as in a Fact
}

var roots = map[string]string{
	"req": "requestParameters",
	"res": "responseElements",
	"add": "additionalEventData",
}

// call identifies an API call: the service's name without .amazonaws.com, and
// the event's.
type call struct{ source, name string }

// templates is the table of phrases, compiled when the first record is
// explained, so that a command that explains nothing does not pay for it.
var templates = sync.OnceValue(func() map[call]*template {
	all := make(map[call]*template, 512)
	for _, group := range phrases {
		for _, service := range group {
			for _, p := range service.phrases {
				key := call{service.source, p[0]}
				if _, twice := all[key]; twice {
					panic(fmt.Sprintf("phrase for %s of %s stands twice", p[0], service.source))
				}
				t, err := parseTemplate(p[1])
				if err != nil {
					panic(fmt.Sprintf("phrase for %s of %s: %v", p[0], service.source, err))
				}
				all[key] = t
			}
		}
	}
	return all
})

func parseTemplate(text string) (*template, error) {
	t := &template{}
	for i, alternative := range strings.Split(text, " || ") {
		end := strings.IndexAny(alternative, " [")
		if end <= 0 {
			return nil, fmt.Errorf("%q has no verb, or a verb alone", alternative)
		}
		verb, rest := alternative[:end], alternative[end:]
		if i == 0 {
			t.verb, t.past = verb, pastOf(verb)
		} else if verb != t.verb {
			return nil, fmt.Errorf("alternatives begin with %q and %q", t.verb, verb)
		}
		nodes, rest, err := parseNodes(rest, false)
		if err != nil {
			return nil, err
		}
		if rest != "" {
			return nil, fmt.Errorf("a bracket closes nothing before %q", rest)
		}
		t.alternatives = append(t.alternatives, nodes)
	}
	return t, nil
}

func parseNodes(text string, within bool) ([]node, string, error) {
	var nodes []node
	for text != "" {
		i := strings.IndexAny(text, "{[]<")
		if i < 0 {
			nodes = append(nodes, node{text: text})
			text = ""
			break
		}
		if i > 0 {
			nodes = append(nodes, node{text: text[:i]})
			text = text[i:]
		}
		switch text[0] {
		case '{':
			inner, rest, ok := strings.Cut(text[1:], "}")
			if !ok {
				return nil, "", fmt.Errorf("{ without } in %q", text)
			}
			n, err := parsePlace(inner)
			if err != nil {
				return nil, "", err
			}
			nodes = append(nodes, n)
			text = rest
		case '[':
			inner, rest, err := parseNodes(text[1:], true)
			if err != nil {
				return nil, "", err
			}
			nodes = append(nodes, node{optional: inner})
			text = rest
		case ']':
			if !within {
				return nil, "", fmt.Errorf("] without [ in %q", text)
			}
			return nodes, text[1:], nil
		case '<':
			rest, ok := strings.CutPrefix(text, "<a> ")
			if !ok {
				return nil, "", fmt.Errorf("%q is not <a> and a space", text)
			}
			nodes = append(nodes, node{article: true})
			text = rest
		}
	}
	if within {
		return nil, "", fmt.Errorf("[ without ]")
	}
	return nodes, "", nil
}

func parsePlace(inner string) (node, error) {
	var n node
	if noun, rest, ok := strings.Cut(inner, ":"); ok {
		inner = rest
		if noun == "rules" {
			n.rules = true
		} else {
			n.noun, n.plural = noun, pluralOf(noun)
		}
	}
	if rest, ok := strings.CutPrefix(inner, "'"); ok {
		n.quote = true
		inner = rest
	}
	for _, p := range strings.Split(inner, "|") {
		root, rest, ok := strings.Cut(p, ".")
		if roots[root] == "" || !ok {
			return n, fmt.Errorf("path %q does not begin with req., res. or add.", p)
		}
		n.paths = append(n.paths, path{
			root: root,
			keys: strings.Split(rest, "."),
			name: roots[root] + "." + rest,
		})
	}
	return n, nil
}

// irregular are the verbs of the table whose past is not made with -ed.
var irregular = map[string]string{
	"begin": "began", "give": "gave", "leave": "left", "make": "made", "send": "sent",
	"stop": "stopped", "tag": "tagged", "take": "took", "write": "wrote",
	"read": "read", "run": "ran",
}

func pastOf(verb string) string {
	if past, ok := irregular[verb]; ok {
		return past
	}
	switch {
	case strings.HasSuffix(verb, "e"):
		return verb + "d"
	case strings.HasSuffix(verb, "y") && !strings.HasSuffix(verb, "oy") && !strings.HasSuffix(verb, "ay"):
		return verb[:len(verb)-1] + "ied"
	}
	return verb + "ed"
}

func pluralOf(noun string) string {
	switch {
	case strings.HasSuffix(noun, "ss"):
		return noun + "es"
	case strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ey") && !strings.HasSuffix(noun, "ay"):
		return noun[:len(noun)-1] + "ies"
	}
	return noun + "s"
}

// maxListed is how many values of a list a sentence names.
const maxListed = 10

// render appends what the template says of r to the text, and reports whether
// it found all it needs.
func (t *template) render(w *writer, verb string) bool {
	for _, nodes := range t.alternatives {
		mark := w.mark()
		w.words(verb)
		article, single, ok := w.nodes(nodes, -1, true)
		if !ok {
			w.reset(mark)
			continue
		}
		if article >= 0 && single {
			w.insertArticle(article)
		}
		return true
	}
	return false
}

// nodes appends nodes until one lacks its value. It returns where an article
// may go and whether nothing but single things were named.
func (w *writer) nodes(nodes []node, article int, single bool) (int, bool, bool) {
	for i := range nodes {
		n := &nodes[i]
		switch {
		case n.optional != nil:
			mark := w.mark()
			a, s, ok := w.nodes(n.optional, article, single)
			if !ok {
				w.reset(mark)
				continue
			}
			article, single = a, s
		case n.article:
			article = len(w.text)
		case n.text != "":
			w.words(n.text)
		case n.rules:
			if !w.permissions(n.paths) {
				return article, single, false
			}
		default:
			values, at := w.lookup(n.paths)
			if len(values) == 0 {
				return article, single, false
			}
			if n.noun != "" {
				if len(values) > 1 {
					single = false
					w.words(n.plural, " ")
				} else {
					w.words(n.noun, " ")
				}
			}
			w.list(values, at, n.quote)
		}
	}
	return article, single, true
}

// lookup returns the values of the first path that has any, each once.
func (w *writer) lookup(paths []path) ([]string, string) {
	for i := range paths {
		p := &paths[i]
		var from JSON
		switch p.root {
		case "req":
			from = w.r.RequestParameters
		case "res":
			from = w.r.ResponseElements
		case "add":
			from = w.r.AdditionalData
		}
		if !from.Present() {
			continue
		}
		w.values = w.values[:0]
		from.each(p.keys, func(v JSON) bool {
			text, ok := v.scalar()
			if !ok || text == "" {
				return true
			}
			for _, seen := range w.values {
				if seen == text {
					return true
				}
			}
			w.values = append(w.values, text)
			// A list of thousands is not compared with itself to the end.
			return len(w.values) < 1000
		})
		if len(w.values) > 0 {
			return w.values, p.name
		}
	}
	return nil, ""
}

func (w *writer) list(values []string, at string, quote bool) {
	shown := values
	if len(values) > maxListed {
		shown = values[:maxListed]
	}
	for i, v := range shown {
		switch {
		case i == 0:
		case i == len(values)-1:
			w.words(" and ")
		default:
			w.words(", ")
		}
		if quote {
			w.name(at, v)
		} else {
			w.id(at, v)
		}
	}
	if more := len(values) - len(shown); more > 0 {
		w.words(fmt.Sprintf(" and %d more", more))
	}
}

// permissions writes security group rules such as "tcp port 22 from 0.0.0.0/0",
// in which protocol, port and peer of one rule have to stay together.
func (w *writer) permissions(paths []path) bool {
	count := 0
	for i := range paths {
		p := &paths[i]
		from := w.r.RequestParameters
		if p.root == "res" {
			from = w.r.ResponseElements
		}
		from.each(p.keys, func(rule JSON) bool {
			if rule[0] != '{' {
				return true
			}
			protocol, protocolKey := firstText(rule, "ipProtocol", "IpProtocol")
			if protocolKey == "" {
				return true
			}
			count++
			switch {
			case count > maxListed:
				return true
			case count > 1:
				w.words("; ")
			}
			low, lowKey := firstText(rule, "fromPort", "FromPort")
			high, highKey := firstText(rule, "toPort", "ToPort")
			if protocol == "-1" {
				w.words("all traffic")
			} else {
				w.id(p.name+"."+protocolKey, protocol)
				switch {
				case lowKey == "" || highKey == "" || low == "-1":
				case low == high:
					w.words(" port ")
					w.id(p.name+"."+lowKey, low)
				default:
					w.words(" ports ")
					w.id(p.name+"."+lowKey, low)
					w.words(" to ")
					w.id(p.name+"."+highKey, high)
				}
			}
			w.peers(p.name, rule)
			return true
		})
		if count > 0 {
			if count > maxListed {
				w.words(fmt.Sprintf("; and %d more", count-maxListed))
			}
			return true
		}
	}
	return false
}

// peers are the address ranges, groups and prefix lists of a rule, in the shapes
// of the classic API and of ModifySecurityGroupRules.
func (w *writer) peers(at string, rule JSON) {
	count := 0
	for _, keys := range [...][]string{
		{"ipRanges", "items", "cidrIp"},
		{"ipv6Ranges", "items", "cidrIpv6"},
		{"groups", "items", "groupId"},
		{"prefixListIds", "items", "prefixListId"},
		{"CidrIpv4"}, {"CidrIpv6"}, {"ReferencedGroupId"}, {"PrefixListId"},
		{"cidrIpv4"}, {"cidrIpv6"}, {"referencedGroupInfo", "groupId"}, {"prefixListId"},
	} {
		rule.each(keys, func(v JSON) bool {
			text, ok := v.scalar()
			if !ok || text == "" {
				return true
			}
			count++
			switch {
			case count == 1:
				w.words(" for ")
			case count > maxListed:
				return true
			default:
				w.words(", ")
			}
			w.id(at+"."+strings.Join(keys, "."), text)
			return true
		})
	}
	if count > maxListed {
		w.words(fmt.Sprintf(" and %d more", count-maxListed))
	}
}

// firstText returns the first of the members that j has, and its key.
func firstText(j JSON, keys ...string) (text, key string) {
	for _, k := range keys {
		if text, ok := j.Text(k); ok {
			return text, k
		}
	}
	return "", ""
}
