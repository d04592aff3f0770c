package cloudtrail

import (
	"strings"
	"time"
)

// Explanation is a record read out in plain English, whole and in its parts.
type Explanation struct {
	// Text is one or more sentences. It holds no control character and no line
	// break, whatever the record holds.
	Text string `json:"text"`
	// Who names the caller: "IAM user 'alice'".
	Who string `json:"who"`
	// From is where the call came from: "from 203.0.113.45, in the console";
	// "" where the record does not say.
	From string `json:"from"`
	// Did is what was called and, where the table of phrases knows the call
	// and the record names the object, its effect: "called StopInstances in
	// Europe (Ireland) and stopped EC2 instance i-0abcd".
	Did string `json:"did"`
	// Result says whether it worked: "The call succeeded."; "" for what is no
	// call.
	Result string `json:"result"`
	// Outcome is Result as a value.
	Outcome Outcome `json:"outcome"`
	// Effect tells that Did names the effect, not the API's name alone.
	Effect bool `json:"effect"`
	// Facts are the values that Text names, each with the field it stands in.
	Facts []Fact `json:"facts"`
}

// Fact is one value that a sentence takes from the record.
type Fact struct {
	// Path is the field, dotted; the index of an array's element is left out:
	// "requestParameters.instancesSet.items.instanceId".
	Path string `json:"path"`
	// Value is the field's text, or the part of an ARN or name that the
	// sentence shows.
	Value string `json:"value"`
}

// Outcome is how a call ended.
type Outcome int

// The outcomes. Denied calls were refused for want of permission; Failed ones
// for another reason; a DryRun only asked whether it would be allowed. Unsaid is
// the outcome of a call whose record cannot be read on this point, and NoCall
// that of a record that reports no call: a service event or Insights.
const (
	Succeeded Outcome = iota
	Denied
	Failed
	DryRun
	Unsaid
	NoCall
)

// String returns the outcome in lower case.
func (o Outcome) String() string {
	return [...]string{"succeeded", "denied", "failed", "dry run", "unsaid", "no call"}[o]
}

// MarshalText writes the outcome as String does, for JSON.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Explain reads r out. It says nothing that r does not say: a failed call "tried
// to" do a thing, and of a call that the table of phrases does not know, or
// whose record leaves the object out, it says the API's name alone.
func Explain(r *Record) Explanation {
	if r == nil {
		return Explanation{Text: "There is no record.", Outcome: NoCall}
	}
	w := &writer{r: r, text: make([]byte, 0, 512), facts: make([]Fact, 0, 16)}
	if r.Insight != nil || r.EventType == "AwsCloudTrailInsight" {
		return w.insight()
	}
	e := Explanation{Outcome: r.Outcome()}
	w.when()
	from := len(w.text)
	w.who()
	e.Who = string(w.text[from:])
	mark := len(w.text)
	w.from()
	if len(w.text) > mark {
		e.From = string(w.text[mark+2 : len(w.text)-1])
	}
	w.words(" ")
	from = len(w.text)
	switch {
	case r.EventType == "AwsServiceEvent":
		w.serviceEvent()
	case r.isSignIn():
		e.Effect = true
		w.signIn(e.Outcome)
	default:
		e.Effect = w.did(e.Outcome)
	}
	e.Did = string(w.text[from:])
	w.words(".")
	if e.Outcome != NoCall {
		w.words(" ")
		from = len(w.text)
		w.result(e.Outcome)
		e.Result = string(w.text[from:])
	}
	w.kind(e.Effect)
	e.Text = string(w.text)
	e.Facts = w.facts
	return e
}

// writer makes a text and keeps account of where its values come from.
type writer struct {
	r      *Record
	text   []byte
	facts  []Fact
	values []string
}

func (w *writer) words(parts ...string) {
	for _, p := range parts {
		w.text = append(w.text, p...)
	}
}

// id writes an identifier: an id, ARN, address, number or type name.
func (w *writer) id(path, value string) {
	w.facts = append(w.facts, Fact{path, value})
	w.text = appendBare(w.text, value)
}

// name writes a value in quotes.
func (w *writer) name(path, value string) {
	w.facts = append(w.facts, Fact{path, value})
	w.text = appendQuoted(w.text, value, '\'', maxShown)
}

type mark struct{ text, facts int }

func (w *writer) mark() mark { return mark{len(w.text), len(w.facts)} }

func (w *writer) reset(m mark) { w.text, w.facts = w.text[:m.text], w.facts[:m.facts] }

// insertArticle puts "a " or "an " before the word at i. Type names and EC2 are
// read letter by letter, so that it is the first letter's name that counts.
func (w *writer) insertArticle(i int) {
	article := "a "
	if i < len(w.text) && strings.IndexByte("aefhilmnorsxAEFHILMNORSX", w.text[i]) >= 0 {
		article = "an "
	}
	w.text = append(w.text, article...)
	copy(w.text[i+len(article):], w.text[i:])
	copy(w.text[i:], article)
}

func (w *writer) when() {
	if w.r.EventTime.IsZero() {
		if w.r.eventTimeText == "" {
			w.words("At a time that the record does not give, ")
		} else {
			w.words("At a time that cannot be read from the record, ")
		}
		return
	}
	w.time("eventTime", w.r.eventTimeText, w.r.EventTime, "On ")
	w.words(", ")
}

func (w *writer) time(path, text string, t time.Time, before string) {
	w.facts = append(w.facts, Fact{path, text})
	w.words(before)
	w.text = t.UTC().AppendFormat(w.text, "January 2, 2006 at 15:04:05 UTC")
}

// from writes " (from ADDRESS, …)" with all the record says of the caller's way.
func (w *writer) from() {
	r := w.r
	open := len(w.text)
	part := func(words string) {
		if len(w.text) == open {
			w.words(" (", words)
		} else {
			w.words(", ", words)
		}
	}
	invokedBy := ""
	if u := r.UserIdentity; u != nil {
		invokedBy = u.InvokedBy
		switch {
		case u.Type == "AWSService" || u.Type == "":
			// Told as the caller itself.
		case invokedBy == "AWS Internal":
			part("through an AWS service")
		case invokedBy != "":
			part("through AWS service ")
			w.name("userIdentity.invokedBy", invokedBy)
		}
	}
	switch ip := r.SourceIPAddress; {
	case ip == "" || ip == invokedBy:
		// Already told.
	case ip == "AWS Internal":
		part("from within AWS")
	case strings.HasSuffix(ip, ".amazonaws.com"):
		part("from the AWS service ")
		w.id("sourceIPAddress", ip)
	default:
		part("from ")
		w.id("sourceIPAddress", ip)
	}
	if r.VPCEndpointID != "" {
		part("through VPC endpoint ")
		w.id("vpcEndpointId", r.VPCEndpointID)
	}
	switch {
	case r.isSignIn():
		// The sentence itself says console.
	case r.InConsole():
		part("in the console")
	default:
		if tool := toolOf(r.UserAgent); tool != "" {
			part("user agent ")
			w.id("userAgent", tool)
		}
	}
	w.mfa(part)
	if len(w.text) > open {
		w.words(")")
	}
}

// mfa tells how the session was authenticated. Of roles it tells only a yes: a
// single sign-on or service's session says no whatever was asked of the person.
func (w *writer) mfa(part func(string)) {
	u := w.r.UserIdentity
	if u == nil || u.Session == nil || u.Session.MFAAuthenticated == nil || w.r.isSignIn() {
		return
	}
	switch {
	case *u.Session.MFAAuthenticated:
		part("with MFA")
	case u.Type == "IAMUser", u.Type == "Root" && u.Session.AssumedRoot == nil:
		part("without MFA")
	}
}

// InConsole reports whether the record says that the call was made in the AWS
// Management Console: by its own flag, or by the user agents that the user
// guide names for it.
func (r *Record) InConsole() bool {
	if r.FromConsole != nil {
		return *r.FromConsole
	}
	ua := strings.TrimPrefix(r.UserAgent, "[")
	return strings.HasPrefix(ua, "console.amazonaws.com") || strings.HasPrefix(ua, "signin.amazonaws.com") ||
		strings.HasPrefix(ua, "S3Console/") ||
		strings.HasPrefix(ua, "console.") && strings.HasSuffix(ua, ".amazonaws.com")
}

// toolOf returns the product and version of a user agent that names a tool which
// a reader knows; the rest of such a string is noise in a sentence.
func toolOf(userAgent string) string {
	ua := strings.Trim(userAgent, "[]")
	for _, known := range [...]string{"HashiCorp Terraform/", "Terraform/", "Pulumi/", "pulumi/"} {
		if i := strings.Index(ua, known); i >= 0 {
			return firstWord(ua[i+strings.LastIndexByte(known, ' ')+1:])
		}
	}
	for _, known := range [...]string{"aws-cli/", "Boto3/", "Botocore/", "aws-sdk-", "aws-cdk", "AWSPowerShell/"} {
		if strings.HasPrefix(ua, known) {
			return firstWord(ua)
		}
	}
	return ""
}

func firstWord(s string) string {
	if i := strings.IndexAny(s, " ;,"); i >= 0 {
		s = s[:i]
	}
	return s
}

// did writes what was called, where, and with which effect.
func (w *writer) did(o Outcome) bool {
	r := w.r
	t := templates()[callOf(r)]
	mark := w.mark()
	effect := false
	if t != nil {
		w.called()
		w.in()
		verb := t.past
		if o != Succeeded {
			verb = t.verb
			w.words(" and tried to ")
		} else {
			w.words(" and ")
		}
		effect = t.render(w, verb)
	}
	if !effect {
		w.reset(mark)
		w.called()
		if r.EventSource != "" {
			w.words(" of ")
			w.id("eventSource", r.EventSource)
		}
		w.in()
		w.resources()
	}
	return effect
}

func (w *writer) called() {
	switch w.r.EventType {
	case "AwsConsoleAction":
		w.words("did the console action ")
	case "AwsConsoleSignIn", "AwsConsoleSignin", "ConsoleSignin":
		w.words("went through sign-in step ")
	default:
		w.words("called ")
	}
	w.id("eventName", w.r.EventName)
}

func (w *writer) in() {
	region := w.r.AWSRegion
	if region == "" {
		return
	}
	w.words(" in ")
	if words, ok := regions[region]; ok {
		w.facts = append(w.facts, Fact{"awsRegion", region})
		w.words(words)
		return
	}
	w.id("awsRegion", region)
}

// resources names what the record lists as touched, where no phrase names it.
func (w *writer) resources() {
	count := 0
	for i := range w.r.Resources {
		arn := w.r.Resources[i].ARN
		if arn == "" {
			continue
		}
		count++
		switch {
		case count == 1:
			w.words(" on ")
		case count > maxListed:
			continue
		default:
			w.words(", ")
		}
		w.id("resources.ARN", arn)
	}
	if count > maxListed {
		w.words(" and more")
	}
}

// callOf returns the table's key for a record.
func callOf(r *Record) call {
	c := call{strings.TrimSuffix(r.EventSource, ".amazonaws.com"), r.EventName}
	if c.source == "lambda" {
		c.name = withoutDate(c.name)
	}
	return c
}

// withoutDate takes the date of Lambda's API off an event name, as in
// CreateFunction20150331 and UpdateFunctionCode20150331v2.
func withoutDate(name string) string {
	rest := name
	if i := strings.LastIndexByte(rest, 'v'); i > 0 && i == len(rest)-2 && '0' <= rest[i+1] && rest[i+1] <= '9' {
		rest = rest[:i]
	}
	if len(rest) <= 8 || !strings.HasPrefix(rest[len(rest)-8:], "20") {
		return name
	}
	for _, c := range []byte(rest[len(rest)-8:]) {
		if c < '0' || c > '9' {
			return name
		}
	}
	return rest[:len(rest)-8]
}

// Outcome tells how the call ended, from errorCode and errorMessage and from
// what some services write into responseElements instead.
func (r *Record) Outcome() Outcome {
	if r.EventType == "AwsServiceEvent" || r.EventType == "AwsCloudTrailInsight" || r.Insight != nil {
		return NoCall
	}
	code, _, message, _ := r.failure()
	switch {
	case code == "" && message == "" && r.unreadableError:
		return Unsaid
	case code == "" && message == "" && r.isSignIn():
		// Only a sign-in that says so succeeded.
		if said, _ := r.ResponseElements.Text(r.EventName); said != "Success" {
			return Unsaid
		}
		return Succeeded
	case code == "" && message == "":
		return Succeeded
	case isDenied(code):
		return Denied
	case strings.HasSuffix(code, "DryRunOperation"):
		return DryRun
	}
	return Failed
}

// failure returns error code and message with the fields they stand in.
func (r *Record) failure() (code, codePath, message, messagePath string) {
	if r.ErrorCode != "" || r.ErrorMessage != "" {
		return r.ErrorCode, "errorCode", r.ErrorMessage, "errorMessage"
	}
	if !r.ResponseElements.Present() {
		return "", "", "", ""
	}
	var step, done string
	if s := string(r.ResponseElements); s[0] == '{' {
		members(s, 0, func(key string, v JSON) {
			switch key {
			case "errorCode":
				code, _ = v.scalar()
			case "errorMessage":
				message, _ = v.scalar()
			case "_return":
				done, _ = v.scalar()
			case r.EventName:
				step, _ = v.scalar()
			}
		})
	}
	switch {
	case code != "" || message != "":
	case step == "Failure":
		// Sign-in steps name their result after themselves.
		return step, "responseElements." + r.EventName, "", ""
	case done == "false":
		// EC2's answer in a word.
		return "", "", "the response says false", ""
	}
	return code, "responseElements.errorCode", message, "responseElements.errorMessage"
}

// isDenied tells the codes with which services refuse for want of permission.
func isDenied(code string) bool {
	for _, sign := range [...]string{"AccessDenied", "UnauthorizedOperation", "NotAuthorized", "AuthorizationError", "UnauthorizedAccess", "Forbidden"} {
		if strings.Contains(code, sign) {
			return true
		}
	}
	return code == "Unauthorized" || code == "UnauthorizedException"
}

func (w *writer) result(o Outcome) {
	subject := "The call "
	if o == Unsaid {
		w.words("The record does not say how it ended.")
		return
	}
	switch {
	case w.r.isSignIn():
		subject = "The sign-in "
	case w.r.EventType == "AwsConsoleAction":
		subject = "The action "
	case strings.HasPrefix(w.r.EventType, "AwsConsoleSign"):
		subject = "The step "
	}
	w.words(subject, [...]string{"succeeded", "was denied", "failed", "was a dry run"}[o])
	code, codePath, message, messagePath := w.r.failure()
	if o != Succeeded && (code != "" && code != "Failure" || message != "") {
		w.words(" (")
		if code != "" {
			w.id(codePath, code)
		}
		if code != "" && message != "" {
			w.words(": ")
		}
		switch {
		case message == "":
		case messagePath == "":
			w.words(message)
		default:
			w.facts = append(w.facts, Fact{messagePath, message})
			w.text = appendQuoted(w.text, message, '"', maxMessage)
		}
		w.words(")")
	}
	w.words(".")
}

// kind tells what the reader cannot see from the call's name: data and network
// activity events, and, of a call whose effect is not told, whether it is
// recorded as a read or a write.
func (w *writer) kind(effect bool) {
	r := w.r
	switch r.EventCategory {
	case "Data":
		w.words(" It is a data event.")
	case "NetworkActivity":
		w.words(" It is a network activity event.")
	}
	if !effect && r.ReadOnly != nil && r.EventType != "AwsServiceEvent" {
		if *r.ReadOnly {
			w.words(" It is recorded as a read.")
		} else {
			w.words(" It is recorded as a write.")
		}
	}
	if r.Addendum != nil && r.Addendum.Reason != "" {
		w.words(" The record was delivered late or again (")
		w.id("addendum.reason", r.Addendum.Reason)
		w.words(").")
	}
}

func (r *Record) isSignIn() bool {
	return r.EventName == "ConsoleLogin" && (r.EventSource == "signin.amazonaws.com" || r.EventSource == "")
}

// signIn writes a console sign-in. AWS's MFA says nothing of the one that an
// identity provider asked for.
func (w *writer) signIn(o Outcome) {
	if o == Succeeded {
		w.words("signed in to the AWS Management Console")
	} else {
		w.words("tried to sign in to the AWS Management Console")
	}
	w.in()
	mfa, ok := w.r.AdditionalData.Text("MFAUsed")
	if !ok || mfa != "Yes" && mfa != "No" {
		return
	}
	w.facts = append(w.facts, Fact{"additionalEventData.MFAUsed", mfa})
	word := " with MFA"
	if mfa == "No" {
		word = " without MFA"
	}
	if u := w.r.UserIdentity; u != nil && u.Type != "IAMUser" && u.Type != "Root" && mfa == "No" {
		word = " without MFA at AWS"
	}
	w.words(word)
}

// serviceEvent writes what a service did of itself.
func (w *writer) serviceEvent() {
	w.words("recorded the service event ")
	w.id("eventName", w.r.EventName)
	if w.r.EventSource != "" {
		w.words(" of ")
		w.id("eventSource", w.r.EventSource)
	}
	w.in()
	before := len(w.text)
	w.resources()
	if len(w.text) == before {
		w.details()
	}
	if w.r.ErrorCode != "" || w.r.ErrorMessage != "" {
		w.words("; it failed")
		if w.r.ErrorCode != "" {
			w.words(" with ")
			w.id("errorCode", w.r.ErrorCode)
		}
	}
}

// details lists the first plain values of serviceEventDetails under their own
// names, since each service has its own.
func (w *writer) details() {
	s := string(w.r.ServiceDetails)
	if s == "" || s[0] != '{' {
		return
	}
	count := 0
	members(s, 0, func(key string, v JSON) {
		text, ok := v.scalar()
		if !ok || text == "" || count == 3 {
			return
		}
		count++
		if count == 1 {
			w.words(": ")
		} else {
			w.words(", ")
		}
		w.text = appendBare(w.text, key)
		w.words(" ")
		w.name("serviceEventDetails."+key, text)
	})
}
