package awspolicy

import "strings"

// comparison is how an operator compares one request value with one policy value.
type comparison int

const (
	compareString comparison = iota
	compareStringFold
	compareLike
	compareNumber
	compareDate
	compareBool
	compareBinary
	compareIP
	compareARN
	compareNull
)

// order is the relation that a numeric or date operator asks for.
type order int

const (
	equal order = iota
	less
	lessOrEqual
	greater
	greaterOrEqual
)

// set is the prefix for keys that hold several values.
type set int

const (
	oneValue set = iota
	forAllValues
	forAnyValue
)

// operator is a condition operator taken apart.
type operator struct {
	compare  comparison
	order    order
	negated  bool
	set      set
	ifExists bool
}

// operators are the base names of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var operators = map[string]operator{
	"StringEquals":              {compare: compareString},
	"StringNotEquals":           {compare: compareString, negated: true},
	"StringEqualsIgnoreCase":    {compare: compareStringFold},
	"StringNotEqualsIgnoreCase": {compare: compareStringFold, negated: true},
	"StringLike":                {compare: compareLike},
	"StringNotLike":             {compare: compareLike, negated: true},
	"NumericEquals":             {compare: compareNumber},
	"NumericNotEquals":          {compare: compareNumber, negated: true},
	"NumericLessThan":           {compare: compareNumber, order: less},
	"NumericLessThanEquals":     {compare: compareNumber, order: lessOrEqual},
	"NumericGreaterThan":        {compare: compareNumber, order: greater},
	"NumericGreaterThanEquals":  {compare: compareNumber, order: greaterOrEqual},
	"DateEquals":                {compare: compareDate},
	"DateNotEquals":             {compare: compareDate, negated: true},
	"DateLessThan":              {compare: compareDate, order: less},
	"DateLessThanEquals":        {compare: compareDate, order: lessOrEqual},
	"DateGreaterThan":           {compare: compareDate, order: greater},
	"DateGreaterThanEquals":     {compare: compareDate, order: greaterOrEqual},
	"Bool":                      {compare: compareBool},
	"BinaryEquals":              {compare: compareBinary},
	"IpAddress":                 {compare: compareIP},
	"NotIpAddress":              {compare: compareIP, negated: true},
	"ArnEquals":                 {compare: compareARN},
	"ArnLike":                   {compare: compareARN},
	"ArnNotEquals":              {compare: compareARN, negated: true},
	"ArnNotLike":                {compare: compareARN, negated: true},
	"Null":                      {compare: compareNull},
}

// parseOperator takes a name apart and reports whether AWS knows it.
func parseOperator(name string) (operator, bool) {
	base, which := name, oneValue
	if rest, ok := strings.CutPrefix(base, "ForAllValues:"); ok {
		base, which = rest, forAllValues
	} else if rest, ok := strings.CutPrefix(base, "ForAnyValue:"); ok {
		base, which = rest, forAnyValue
	}
	base, ifExists := strings.CutSuffix(base, "IfExists")
	op, ok := operators[base]
	if !ok || op.compare == compareNull && (ifExists || which != oneValue) {
		return operator{}, false // "any condition operator name except the Null condition"
	}
	op.set, op.ifExists = which, ifExists
	return op, true
}
