package local

import (
	"fmt"
	"strings"
)

// cliConfig is what matters here of a Terraform CLI configuration file
// (https://developer.hashicorp.com/terraform/cli/config/config-file).
type cliConfig struct {
	mirrors        []string // filesystem_mirror paths, in order
	pluginCacheDir string
}

// parseCLIConfig reads the file's HCL: blocks, attributes, strings, lists. It
// returns what it understood before the first error.
func parseCLIConfig(text string) (cliConfig, error) {
	p := &hclScanner{text: text}
	var c cliConfig
	err := p.body(nil, func(path []string, value string) {
		switch strings.Join(path, ".") {
		case "provider_installation.filesystem_mirror.path":
			c.mirrors = append(c.mirrors, value)
		case "plugin_cache_dir":
			c.pluginCacheDir = value
		}
	})
	return c, err
}

type hclScanner struct {
	text  string
	pos   int
	depth int
}

// token returns the next token: an identifier or number as written, a string
// with its opening quote kept as a mark, a single punctuation character, or "".
func (s *hclScanner) token() (string, error) {
	for s.pos < len(s.text) {
		rest := s.text[s.pos:]
		switch {
		case strings.HasPrefix(rest, "#"), strings.HasPrefix(rest, "//"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			s.pos += end
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest, "*/")
			if end < 0 {
				return "", fmt.Errorf("offset %d: comment without an end", s.pos)
			}
			s.pos += end + 2
		case strings.ContainsRune(" \t\r\n,", rune(rest[0])):
			s.pos++
		case rest[0] == '"':
			return s.quoted()
		case strings.IndexByte("{}[]=", rest[0]) >= 0:
			s.pos++
			return rest[:1], nil
		default:
			end := strings.IndexAny(rest, " \t\r\n,{}[]=\"#")
			if end < 0 {
				end = len(rest)
			}
			s.pos += end
			return rest[:end], nil
		}
	}
	return "", nil
}

func (s *hclScanner) quoted() (string, error) {
	start := s.pos
	var b strings.Builder
	b.WriteByte('"')
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch c := s.text[s.pos]; c {
		case '"':
			s.pos++
			return b.String(), nil
		case '\\':
			if s.pos++; s.pos >= len(s.text) {
				return "", fmt.Errorf("offset %d: string without an end", start)
			}
			switch e := s.text[s.pos]; e {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			default:
				b.WriteByte(e)
			}
		case '\n':
			return "", fmt.Errorf("offset %d: string without an end", start)
		default:
			b.WriteByte(c)
		}
	}
	return "", fmt.Errorf("offset %d: string without an end", start)
}

// body reads attributes and blocks up to the closing brace, or to the end of
// the file at the top.
func (s *hclScanner) body(path []string, found func(path []string, value string)) error {
	if s.depth++; s.depth > 32 {
		return fmt.Errorf("offset %d: blocks nested too deeply", s.pos)
	}
	defer func() { s.depth-- }()
	for {
		name, err := s.token()
		if err != nil {
			return err
		}
		switch name {
		case "":
			if len(path) > 0 {
				return fmt.Errorf("block %s without an end", strings.Join(path, "."))
			}
			return nil
		case "}":
			if len(path) == 0 {
				return fmt.Errorf("offset %d: } without a block", s.pos)
			}
			return nil
		case "{", "[", "]", "=":
			return fmt.Errorf("offset %d: %q where a name should be", s.pos, name)
		}
		inner := append(path[:len(path):len(path)], strings.TrimPrefix(name, `"`))
		// Labels of a block (credentials "host" {...}) are skipped.
		next, err := s.token()
		for err == nil && strings.HasPrefix(next, `"`) {
			next, err = s.token()
		}
		if err != nil {
			return err
		}
		switch next {
		case "{":
			if err := s.body(inner, found); err != nil {
				return err
			}
		case "=":
			if err := s.value(inner, found); err != nil {
				return err
			}
		default:
			return fmt.Errorf("offset %d: %q after %s, where = or { should be", s.pos, next, name)
		}
	}
}

func (s *hclScanner) value(path []string, found func(path []string, value string)) error {
	v, err := s.token()
	switch {
	case err != nil:
		return err
	case v == "":
		return fmt.Errorf("%s without a value", strings.Join(path, "."))
	case v == "{":
		return s.body(path, found)
	case v == "[":
		for depth := 1; depth > 0; {
			v, err := s.token()
			switch {
			case err != nil:
				return err
			case v == "":
				return fmt.Errorf("%s: list without an end", strings.Join(path, "."))
			case v == "[":
				depth++
			case v == "]":
				depth--
			}
		}
		return nil
	case strings.HasPrefix(v, `"`):
		found(path, v[1:])
	}
	return nil
}
