package filterpattern

import "testing"

// Examples of the CloudWatch Logs User Guide with the verdicts it states.
//
// guide:      https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html,
// the named section.
// guide 2021: the same page as published in the repository
// awsdocs/amazon-cloudwatch-logs-user-guide, commit 5ae5c9a (CC BY-SA 4.0).
// lightsail:  Lightsail API reference, GetContainerLog, filterPattern.
const (
	regexes      = "guide, Supported regular expressions (regex) syntax"
	regexTerms   = "guide, Match terms with a regular expression"
	unstructured = "guide, Match terms in unstructured log events"
	jsonEvents   = "guide, Match terms in JSON log events"
	compound     = "guide, Match terms in JSON objects with compound expressions"
	spaced       = "guide, Match terms in space-delimited log events"
	guide2021    = "guide 2021, Filter and Pattern Syntax"
	lightsail    = "lightsail, GetContainerLog"
)

const (
	badRequest   = "[ERROR 400] BAD REQUEST"
	unauthorized = "[ERROR 401] UNAUTHORIZED REQUEST"
	missingArgs  = "[ERROR 419] MISSING ARGUMENTS"
	invalidArgs  = "[ERROR 420] INVALID ARGUMENTS"

	updateTrail = `{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", ` +
		`"arrayKey": ["value", "another value"], "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], ` +
		`"SomeObject": null, "cluster.name": "c", "ThisFlag": true}`

	users = `{"user": {"id": 1, "email": "John.Stiles@example.com"}, ` +
		`"users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}], ` +
		`"actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]]}`

	apache = `127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`
	info1  = "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200"
	info2  = "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310"
	warn   = "WARNING 09/25/2014 12:00:02 Invalid user request"
	failed = "ERROR 09/25/2014 12:00:02 Failed to process request"
)

var documented = []struct {
	source  string
	pattern string
	event   string
	match   bool
}{
	{regexes, `%^[hc]at%`, "hat", true},
	{regexes, `%^[hc]at%`, "a cat", false},
	{regexes, `%[hc]at$%`, "a cat", true},
	{regexes, `%[hc]at$%`, "cat a", false},
	{regexes, `%colou?r%`, "color", true},
	{regexes, `%colou?r%`, "colour", true},
	{regexes, `%[abc]%`, "b", true},
	{regexes, `%[a-z]%`, "Q", false},
	{regexes, `%[abcx-z]%`, "y", true},
	{regexes, `%[abcx-z]%`, "d", false},
	{regexes, `%a{3,5}%`, "aaaa", true},
	{regexes, `%a{3,5}%`, "aa", false},
	{regexes, `%gra|ey%`, "gray", true},
	{regexes, `%gra|ey%`, "grey", true},
	{regexes, `%^starting|^initializing|^shutting down%`, "initializing ...", true},
	{regexes, `%^starting|^initializing|^shutting down%`, "shutting down", true},
	{regexes, `%^starting|^initializing|^shutting down%`, "skipping initializing ...", false},
	{regexes, `%abcc|ab[^c]$%`, "abcc ...", true},
	{regexes, `%abcc|ab[^c]$%`, "aba", true},
	{regexes, `%abcc|ab[^c]$%`, "aac ...", false},
	{regexes, `%\[.\]%`, "[7]", true},
	{regexes, `%\[.\]%`, "[]]", true},
	{regexes, `%\[.\]%`, "[ab]", false},
	{regexes, `%10\.10\.0\.1%`, "10.10.0.1", true},
	{regexes, `%10\.10\.0\.1%`, "10010,051", false},
	{regexes, `%10.10.0.1%`, "10010,051", true},
	{regexes, `%ab*c%`, "ac", true},
	{regexes, `%ab*c%`, "abbbc", true},
	{regexes, `%ab[0-9]*%`, "ab129", true},
	{regexes, `%ab+c%`, "abbc", true},
	{regexes, `%ab+c%`, "ac", false},
	{regexes, `%.at%`, "#at", true},
	{regexes, `%.at%`, " at", true},
	{regexes, `%.at%`, "at", false},
	{regexes, `%\d%`, "7", true},
	{regexes, `%\D%`, "7", false},
	{regexes, `%\s%`, "a\tb", true},
	{regexes, `%\S%`, " \t\n", false},
	{regexes, `%\w%`, "_", true},
	{regexes, `%\W%`, "_", false},
	{regexes, `%\x3A%`, "a:b", true},
	{regexes, `%\x28%`, "f(x)", true},
	{regexes, `%\x28%`, "f[x]", false},

	{regexTerms, `%AUTHORIZED%`, unauthorized, true},
	{regexTerms, `%AUTHORIZED%`, "[SUCCESS 200] AUTHORIZED REQUEST", true},

	{unstructured, `ERROR`, badRequest, true},
	{unstructured, `ERROR`, invalidArgs, true},
	{unstructured, `error`, badRequest, false},
	{unstructured, `ERROR ARGUMENTS`, missingArgs, true},
	{unstructured, `ERROR ARGUMENTS`, invalidArgs, true},
	{unstructured, `ERROR ARGUMENTS`, badRequest, false},
	{unstructured, `ERROR ARGUMENTS`, unauthorized, false},
	{unstructured, `?ERROR ?ARGUMENTS`, badRequest, true},
	{unstructured, `?ERROR ?ARGUMENTS`, missingArgs, true},
	{unstructured, `?ERROR ?ARGUMENTS REQUEST`, "[INFO] REQUEST FAILED", true},
	{unstructured, `?ERROR ?ARGUMENTS REQUEST`, "[WARN] UNAUTHORIZED REQUEST", true},
	{unstructured, `?ERROR ?ARGUMENTS REQUEST`, "[ERROR] 400 BAD REQUEST", true},
	{unstructured, `"INTERNAL SERVER ERROR"`, "[ERROR 500] INTERNAL SERVER ERROR", true},
	{unstructured, `ERROR -ARGUMENTS`, badRequest, true},
	{unstructured, `ERROR -ARGUMENTS`, unauthorized, true},
	{unstructured, `ERROR -ARGUMENTS`, missingArgs, false},
	{unstructured, `ERROR -ARGUMENTS`, invalidArgs, false},
	{unstructured, `" "`, badRequest, true},
	{guide2021, `""`, badRequest, true},
	{guide2021, `ERROR`, "Exiting with ERRORCODE: -1", true},
	{guide2021, `"ERROR" - "Exiting"`, "Exiting with ERRORCODE: -1", false},
	{guide2021, `"ERROR" - "Exiting"`, "[ERROR] A fatal exception has occurred", true},
	{guide2021, `ERROR Exception`, "[ERROR] Caught IllegalArgumentException", true},
	{guide2021, `"Failed to process the request"`, "[ERROR] Unable to continue: Failed to process the request", true},
	{guide2021, `?ERROR ?WARN`, "WARN message", true},
	{guide2021, `ERROR WARN`, "ERROR message", false},
	{guide2021, `ERROR -WARN`, "ERROR WARN message", false},
	{lightsail, `-ERROR`, "WARN message", true},
	{lightsail, `-ERROR`, "ERROR message", false},

	{jsonEvents, `{ $.bandwidth > 75 }`, `{"bandwidth": 76}`, true},
	{jsonEvents, `{ $.bandwidth > 75 }`, `{"bandwidth": 75}`, false},
	{jsonEvents, `{ $.latency < 50 }`, `{"latency": 49.9}`, true},
	{jsonEvents, `{ $.refreshRate >= 60 }`, `{"refreshRate": 60}`, true},
	{jsonEvents, `{ $.responseTime <= 5 }`, `{"responseTime": 5.1}`, false},
	{jsonEvents, `{ $.errorCode = 400}`, `{"errorCode": 400}`, true},
	{jsonEvents, `{ $.errorCode != 500 }`, `{"errorCode": 500}`, false},
	{jsonEvents, `{ $.number[0] = 1e+3 }`, `{"number": [1000]}`, true},
	{jsonEvents, `{ $.number[0] != 1e-3 }`, `{"number": [0.001]}`, false},
	{guide2021, `{ $.processes[4].averageRuntime <= 55.5 }`, `{"processes": [0,0,0,0,{"averageRuntime":55.5}]}`, true},
	{guide2021, `{ $.latency > +1000 }`, `{"latency": 1001}`, true},
	{guide2021, `{ $.latency = * }`, `{"latency": 50, "requestType": "GET"}`, true},
	{jsonEvents, `{ $.eventType = "UpdateTrail" }`, updateTrail, true},
	{jsonEvents, `{ $.sourceIPAddress != 123.123.* }`, updateTrail, true},
	{jsonEvents, `{ $.sourceIPAddress != 111.111.* }`, updateTrail, false},
	{jsonEvents, `{ $.arrayKey[0] = "value" }`, updateTrail, true},
	{jsonEvents, `{ $.arrayKey[1] = "value" }`, updateTrail, false},
	{jsonEvents, `{ $.eventType = %Trail% }`, updateTrail, true},
	{jsonEvents, `{ $.arrayKey[*] = %val.{2}% }`, updateTrail, true},
	{jsonEvents, `{ $.* = %111\.111\.111\.1[0-9]{1,2}% }`, updateTrail, true},
	{jsonEvents, `{ $.['cluster.name'] = "c" }`, updateTrail, true},
	{jsonEvents, `{ $.SomeObject IS NULL }`, updateTrail, true},
	{jsonEvents, `{ $.eventType IS NULL }`, updateTrail, false},
	{jsonEvents, `{ $.SomeOtherObject NOT EXISTS }`, updateTrail, true},
	{jsonEvents, `{ $.SomeObject NOT EXISTS }`, updateTrail, false},
	{guide2021, `{ $.objectList[1].id = 2 }`, updateTrail, true},
	{guide2021, `{ $.ThisFlag IS TRUE }`, updateTrail, true},
	{guide2021, `{ $.ThisFlag IS FALSE }`, updateTrail, false},
	{guide2021, `{ $.users = 1 }`, `{"users": [1, 2, 3]}`, false},
	{guide2021, `{ $.users != 1 }`, `{"users": [1, 2, 3]}`, false},
	{guide2021, `{$.foo = bar}`, `{"foo": "bar"}`, true},
	{guide2021, `{$.foo = baz }`, `{"foo": "bar"}`, false},
	{guide2021, `{$.foo = bar || $.foo = baz }`, `{"foo": "baz"}`, true},
	{guide2021, `{ $.eventName = *Event }`, `{"eventName": "PutEvent"}`, true},
	{guide2021, `{ $.eventName = *Event }`, `{"eventName": "EventId"}`, false},
	{guide2021, `{ $.eventName = Event* }`, `{"eventName": "EventId"}`, true},
	{guide2021, `{ $.eventName = Ev*ent }`, `{"eventName": "Ev*ent"}`, true},
	{guide2021, `{ $.eventName = Ev*ent }`, `{"eventName": "Everent"}`, false},

	{compound, `{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }`, users, true},
	{compound, `{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }`, users, true},
	{compound, `{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }`, users, false},
	{compound, `{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }`, users, false},

	{spaced, `[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]`, apache, true},
	{spaced, `[ip=%127\.0\.0\.[2-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]`, apache, false},
	{spaced, `[..., request =*.html*, status_code = 4*, bytes]`, apache, true},
	{spaced, `[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]`, apache, true},
	{spaced, `[w1=ERROR, w2]`, failed, true},
	{spaced, `[w1=ERROR, w2]`, warn, false},
	{spaced, `[w1=ERROR || w1=WARNING, w2]`, failed, true},
	{spaced, `[w1=ERROR || w1=WARNING, w2]`, warn, true},
	{spaced, `[w1=ERROR || w1=WARNING, w2]`, info1, false},
	{spaced, `[w1!=ERROR && w1!=WARNING, w2]`, info1, true},
	{spaced, `[w1!=ERROR && w1!=WARNING, w2]`, failed, false},
	{spaced, `[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]`, info1, true},
	{spaced, `[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]`, info2, false},
	{spaced, `[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]`, info2, true},
	{spaced, `[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]`, info1, false},
	{guide2021, `[ip, user, username, timestamp, request, status_code, bytes > 1000]`, apache, true},
	{guide2021, `[ip, user, username, timestamp, request, status_code = 200, bytes]`, apache, false},
	{guide2021, `[ip, user, ..., status_code, bytes]`, apache, true},
	{guide2021, `[ip, user, ...]`, apache, true},
	{guide2021, `[..., request=*.html*, status_code=4*,]`, apache, true},
	{guide2021, `[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]`, apache, true},
}

func TestDocumentedExamples(t *testing.T) {
	for _, c := range documented {
		p, err := Parse(c.pattern)
		if err != nil {
			t.Errorf("%s: pattern %s: %v", c.source, c.pattern, err)
			continue
		}
		got, err := p.Match([]byte(c.event))
		if got != c.match || err != nil {
			t.Errorf("%s: pattern %s on %s: match %v, error %v, the page says %v", c.source, c.pattern, c.event, got, err, c.match)
		}
		if ref := refMatch(p, []byte(c.event)); ref != c.match {
			t.Errorf("%s: pattern %s on %s: the reference says %v, the page %v", c.source, c.pattern, c.event, ref, c.match)
		}
	}
}
