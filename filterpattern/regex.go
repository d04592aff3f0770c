package filterpattern

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// regexSymbols are the characters beside letters and digits that stand for
// themselves. The guide does not list the space and has it in an example
// (%^shutting down%).
const regexSymbols = ":_#=@/;,- "

// regexOperators are the operators, each of which a backslash makes literal.
const regexOperators = `^$?[]{}|\*+.`

const regexExpected = `a letter, a digit, a space, one of : _ # = @ / ; , - or an operator; any other character as \xhh`

// regex reads a regular expression from its opening percent sign and translates
// it for package regexp.
func (p *parser) regex() (operand, error) {
	p.pos++
	start := p.pos
	var out strings.Builder
	term := false // a quantifier may follow
	for !p.take("%") {
		var err error
		switch c := p.peek(); {
		case p.pos >= len(p.src):
			return operand{}, p.fail("a closing %")
		case c == '\\':
			term = true
			err = p.regexEscape(&out)
		case c == '[':
			term = true
			err = p.regexClass(&out)
		case c == '{' || c == '*' || c == '+' || c == '?':
			if !term {
				return operand{}, p.fail("something to repeat before " + string(c))
			}
			term = false
			if c == '{' {
				err = p.regexCount(&out)
			} else {
				out.WriteByte(c)
				p.pos++
			}
		case c == '^' || c == '$' || c == '|':
			term = false
			out.WriteByte(c)
			p.pos++
		case c == ']' || c == '}':
			return operand{}, p.fail(`\` + string(c) + " for the character itself")
		case isAlnum(c) || c == '.' || strings.IndexByte(regexSymbols, c) >= 0:
			term = true
			out.WriteByte(c)
			p.pos++
		default:
			return operand{}, p.fail(regexExpected)
		}
		if err != nil {
			return operand{}, err
		}
	}
	text := p.src[start : p.pos-1]
	if text == "" {
		return operand{}, p.failAt(start, "a regular expression between the percent signs")
	}
	return p.compileRegex(start, text, out.String())
}

// compileRegex applies the size limit before the expression is built: "." matches
// any character, line ends included, as the guide has it.
func (p *parser) compileRegex(start int, text, translated string) (operand, error) {
	fail := func(why string) (operand, error) {
		return operand{}, &SyntaxError{Column: columnAt(p.src, start), Found: quoteFound(text), Expected: why}
	}
	translated = "(?s)" + translated
	parsed, err := syntax.Parse(translated, syntax.Perl)
	if err != nil {
		why := err.Error()
		if se, ok := err.(*syntax.Error); ok {
			why = se.Code.String()
		}
		return fail("a valid regular expression (" + why + ")")
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(prog.Inst) > MaxRegexSize {
		return fail("a regular expression of at most " + strconv.Itoa(MaxRegexSize) + " steps once its repetitions are written out")
	}
	re, err := regexp.Compile(translated)
	if err != nil {
		return fail("a valid regular expression")
	}
	return operand{kind: operandRegex, text: text, re: re}, nil
}

func (p *parser) regexEscape(out *strings.Builder) error {
	c := byte(0)
	if p.pos+1 < len(p.src) {
		c = p.src[p.pos+1]
	}
	switch {
	case c == 'x':
		if p.pos+3 >= len(p.src) || !isHex(p.src[p.pos+2]) || !isHex(p.src[p.pos+3]) || p.src[p.pos+2] > '7' {
			return p.fail(`\x and two hexadecimal digits, 00 to 7F`)
		}
		out.WriteString(p.src[p.pos : p.pos+4])
		p.pos += 4
	case c != 0 && strings.IndexByte("dDsSwW", c) >= 0, c != 0 && strings.IndexByte(regexOperators, c) >= 0:
		out.WriteString(p.src[p.pos : p.pos+2])
		p.pos += 2
	case c != 0 && c != ' ' && strings.IndexByte(regexSymbols, c) >= 0:
		out.WriteString(regexp.QuoteMeta(string(c)))
		p.pos += 2
	default:
		return p.fail(`\ before an operator, or one of \d \D \s \S \w \W \xhh`)
	}
	return nil
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

// regexClass reads [...]. An unescaped "[" inside is refused: what it means
// differs between regular expression engines.
func (p *parser) regexClass(out *strings.Builder) error {
	out.WriteByte('[')
	p.pos++
	if p.take("^") {
		out.WriteByte('^')
	}
	for empty := true; ; empty = false {
		switch c := p.peek(); {
		case p.pos >= len(p.src) || c == '%':
			return p.fail("a closing ]")
		case c == ']':
			if empty {
				return p.fail(`a character in the class; \] for the bracket itself`)
			}
			out.WriteByte(c)
			p.pos++
			return nil
		case c == '[':
			return p.fail(`\[ for the character itself`)
		case c == '\\':
			if err := p.regexEscape(out); err != nil {
				return err
			}
		case isAlnum(c) || strings.IndexByte(regexSymbols+regexOperators, c) >= 0:
			out.WriteByte(c)
			p.pos++
		default:
			return p.fail(regexExpected)
		}
	}
}

// regexCount reads {m}, {m,}, {,n} or {m,n}.
func (p *parser) regexCount(out *strings.Builder) error {
	start := p.pos
	p.pos++
	isDigit := func(b byte) bool { return '0' <= b && b <= '9' }
	low := p.run(isDigit)
	comma := p.take(",")
	high := ""
	if comma {
		high = p.run(isDigit)
	}
	if !p.take("}") || low == "" && high == "" {
		return p.failAt(start, "a count such as {2}, {2,}, {,5} or {2,5}")
	}
	if low == "" {
		low = "0" // package regexp takes {,n} for literal text
	}
	out.WriteString("{" + low)
	if comma {
		out.WriteString("," + high)
	}
	out.WriteByte('}')
	return nil
}
