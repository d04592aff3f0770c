package awspolicy

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"time"
)

// condition judges one condition of a statement, and says why it does not hold.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func (e *evaluation) condition(c Condition) (truth, string) {
	op, ok := parseOperator(c.Operator)
	if !ok {
		return unknown, c.name() + ": unknown operator"
	}
	values := e.lookup(c.Key)
	if op.compare == compareNull {
		return e.null(c, len(values) == 0)
	}
	if op.set != oneValue && onlyEmpty(values) {
		// "If the key values in the request resolve to an empty data set (for
		// example, an empty string), a condition operator modified by
		// ForAllValues returns true, and … ForAnyValue returns false."
		values = nil
	}
	if len(values) == 0 {
		return e.absent(c, op)
	}
	if op.set == oneValue && len(values) > 1 {
		return unknown, fmt.Sprintf("%s: the request has %d values; AWS asks for ForAllValues or ForAnyValue", c.name(), len(values))
	}
	verdict, why := truthOf(op.set != forAnyValue), ""
	for _, v := range values {
		one, err := e.anyOf(op, v, c.Values)
		if op.negated {
			one = one.not()
		}
		if op.set == forAnyValue {
			verdict = max(verdict, one)
		} else {
			verdict = min(verdict, one)
		}
		if err != nil {
			why = ": " + err.Error()
		}
	}
	if verdict == yes {
		return yes, ""
	}
	return verdict, fmt.Sprintf("%s: the request has %q%s", c.name(), values, why)
}

func (c Condition) name() string { return "condition " + c.Operator + " " + c.Key }

func onlyEmpty(values []string) bool {
	for _, v := range values {
		if v != "" {
			return false
		}
	}
	return true
}

// absent judges a condition on a key that the request does not have.
func (e *evaluation) absent(c Condition, op operator) (truth, string) {
	switch {
	// "If the key is not present, evaluate the condition element as true."
	case op.ifExists:
		return yes, ""
	// "It also returns true if there are no context keys in the request".
	case op.set == forAllValues:
		return yes, ""
	// "If the policy condition requires that the key is not matched … and the
	// right key is not present, the condition is true."
	case op.negated && op.set == oneValue:
		return yes, ""
	}
	return no, c.name() + ": the request has no such key"
}

func (e *evaluation) null(c Condition, absent bool) (truth, string) {
	for _, v := range c.Values {
		want, err := parseBool(v)
		if err != nil {
			return unknown, c.name() + ": " + err.Error()
		}
		if want == absent {
			return yes, ""
		}
	}
	if absent {
		return no, c.name() + ": the request has no such key"
	}
	return no, c.name() + ": the request has the key"
}

// anyOf judges one value of the request against all values of the policy,
// which are ORed; under a negated operator the caller turns that into NOR.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func (e *evaluation) anyOf(op operator, value string, policy []string) (truth, error) {
	verdict := no
	var why error
	for _, p := range policy {
		t, err := e.compare(op, value, p)
		if err != nil {
			why = err
			if op.negated && errors.Is(err, errMissing) {
				// "Not equal to a value that does not exist": AWS calls the
				// whole statement invalid, so that neither verdict is safe.
				t = unknown
			}
		}
		verdict = max(verdict, t)
	}
	return verdict, why
}

// compare judges one value of the request against one of the policy. An
// error says why the verdict is unknown, or which variable has no value.
func (e *evaluation) compare(op operator, value, policy string) (truth, error) {
	switch op.compare {
	case compareString, compareStringFold, compareBool:
		policy, err := e.text(policy)
		if err != nil {
			return unresolved(err), err
		}
		switch op.compare {
		case compareString:
			return truthOf(policy == value), nil
		case compareStringFold:
			return truthOf(strings.EqualFold(policy, value)), nil
		}
		return both(value, policy, parseBool, func(a, b bool) bool { return a == b })
	case compareLike, compareARN:
		if op.compare == compareLike && unlike(policy, value) && !strings.Contains(policy, "${") {
			return no, nil
		}
		p, err := e.pattern(policy)
		if err != nil {
			return unresolved(err), err
		}
		if op.compare == compareLike {
			return truthOf(p.glob(value)), nil
		}
		t := p.arn(value)
		if t == unknown {
			return t, fmt.Errorf("%q is no ARN", policy)
		}
		return t, nil
	case compareNumber:
		return both(value, policy, parseNumber, func(a, b *big.Rat) bool { return op.order.holds(a.Cmp(b)) })
	case compareDate:
		return both(value, policy, parseDate, func(a, b time.Time) bool { return op.order.holds(a.Compare(b)) })
	case compareBinary:
		return both(value, policy, base64.StdEncoding.DecodeString, bytes.Equal)
	case compareIP:
		address, err := netip.ParseAddr(value)
		if err != nil {
			return unknown, fmt.Errorf("%q is no IP address", value)
		}
		network, err := parseNetwork(policy)
		if err != nil {
			return unknown, err
		}
		return truthOf(network.Contains(address.Unmap().WithZone(""))), nil
	}
	return unknown, errors.New("unknown operator")
}

// both parses the two values; one that does not parse leaves the verdict open.
func both[T any](value, policy string, parse func(string) (T, error), holds func(a, b T) bool) (truth, error) {
	a, err := parse(value)
	if err != nil {
		return unknown, err
	}
	b, err := parse(policy)
	if err != nil {
		return unknown, err
	}
	return truthOf(holds(a, b)), nil
}

func (o order) holds(cmp int) bool {
	switch o {
	case less:
		return cmp < 0
	case lessOrEqual:
		return cmp <= 0
	case greater:
		return cmp > 0
	case greaterOrEqual:
		return cmp >= 0
	}
	return cmp == 0
}

func parseBool(s string) (bool, error) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, nil
	case strings.EqualFold(s, "false"):
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", s)
}

// parseNumber reads "an integer or decimal value", exactly.
func parseNumber(s string) (*big.Rat, error) {
	// big.Rat also reads fractions and exponents; a large exponent is a
	// number of a billion digits.
	const longest = 64
	if len(s) <= longest && strings.Trim(s, "+-.0123456789") == "" {
		if n, ok := new(big.Rat).SetString(s); ok {
			return n, nil
		}
	}
	return nil, fmt.Errorf("%q is no integer or decimal number", s)
}

// dateLayouts are "the W3C implementations of the ISO 8601 date formats",
// https://www.w3.org/TR/NOTE-datetime. Go's parser takes a fraction of a
// second by itself.
var dateLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006",
}

func parseDate(s string) (time.Time, error) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	// "or in epoch (UNIX) time"
	n, err := parseNumber(s)
	if err != nil || !n.IsInt() || !n.Num().IsInt64() {
		return time.Time{}, fmt.Errorf("%q is no date; write 2006-01-02T15:04:05Z or seconds since 1970", s)
	}
	return time.Unix(n.Num().Int64(), 0), nil
}

func parseNetwork(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%q is no IP address or CIDR range", s)
		}
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is no IP address or CIDR range", s)
	}
	return p, nil
}
