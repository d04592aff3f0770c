// Package filterpattern reads and evaluates CloudWatch Logs filter patterns,
// the language of metric filters, subscription filters, FilterLogEvents and
// Live Tail.
//
// [Parse] reads one pattern and reports what is wrong with it at a column.
// [Pattern.Match] answers whether one log event, the raw message, would be
// counted by a metric filter with that pattern. [NewSet] compiles many patterns
// into one, so that an event is read once however many patterns there are; a
// program that walks files of events wants a Set.
//
// The package is pure: it knows the language and nothing of CloudTrail, alarms,
// metrics, log groups or AWS accounts. It imports the standard library only. All
// types are safe for concurrent use.
//
// # The three forms
//
// The first character that is not white space decides the form.
//
//	{ $.eventName = "ConsoleLogin" && $.errorMessage = "Failed*" }    JSON
//	[ip, user, ..., status_code = 4*, bytes > 1000]                   space-delimited
//	ERROR -"connection reset"                                         terms
//
// An empty pattern matches every event.
//
// # JSON patterns
//
// A selector starts with "$." and names properties: $.a.b, $.a[0].b, and
// $.['key.with.dots'] for a key that has other characters than letters, digits,
// "-" and "_". One step of a selector may be a wildcard: $.a[*] selects every
// element of the array a, $.* every property of the event. A clause on a
// wildcard matches when it holds for at least one of the values selected.
//
// A clause is one of
//
//	$.a = "text"    $.a != text     text, "*" standing for any text at either end
//	$.a = 400       $.a >= 1.5e3    a number, with = != < > <= >=
//	$.a = %re%      $.a != %re%     a regular expression, see below
//	$.a IS NULL     $.a IS TRUE     $.a IS FALSE     $.a NOT EXISTS
//
// joined by && and ||, with parentheses; && binds tighter than ||. Everything is
// case sensitive, keywords included.
//
// An event that is not one JSON object never matches, not even NOT EXISTS. A
// property that is missing, null, a boolean, an array or an object satisfies no
// comparison, "!=" included: to match "absent or different" write
// ($.a NOT EXISTS || $.a != "x").
//
// # Space-delimited patterns
//
// The message is split at white space; text between double quotes or square
// brackets is one word. Each field of the pattern takes one word, "..." takes
// any number of words, and without "..." the last field takes what is left.
// A field may carry conditions on itself, joined by && and ||.
//
// # Terms
//
// A term is found anywhere in the message. Terms with other characters than
// letters, digits and "_" need double quotes. All plain terms must be there and no
// term after "-" may be; of terms after "?" one must be there, but they
// are ignored as soon as the pattern has any other term.
//
// # Regular expressions
//
// Between percent signs: letters, digits, space, the symbols : _ # = @ / ; , -
// and the operators ^ $ ? [ ] { } | \ * + . with \d \D \s \S \w \W \xhh. No
// groups. Evaluation takes time linear in the event; an expression that expands
// to more than [MaxRegexSize] steps is refused for that reason.
//
// # Where the documentation is silent
//
// AWS documents the language at
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
// and leaves cases open. This package then takes the reading under which a
// pattern matches less and Parse accepts less, so that an alarm judged here to
// fire does fire; each such choice stands beside its test in choices_test.go.
package filterpattern
