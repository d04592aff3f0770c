package cloudtrail

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden sentences anew; read them before committing")

// each calls fn for every entry of every file in testdata.
func each(t testing.TB, fn func(file string, e Entry)) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range Read(filepath.Base(file), f) {
			if err != nil {
				t.Fatal(err)
			}
			fn(filepath.Base(file), e)
		}
		f.Close()
	}
}

func TestGoldenSentences(t *testing.T) {
	var got bytes.Buffer
	last := ""
	each(t, func(file string, e Entry) {
		if file != last {
			fmt.Fprintf(&got, "## %s\n\n", file)
			last = file
		}
		if e.Digest != nil {
			fmt.Fprintf(&got, "%s\n\n", ExplainDigest(e.Digest).Text)
			return
		}
		fmt.Fprintf(&got, "%s\n\n", Explain(e.Record).Text)
	})
	const golden = "testdata/sentences.golden.txt"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("sentences changed (-want +got); run with -update and read them:\n%s", d)
	}
}

// The record that people are taught with, and all that its paragraph says.
func TestTutorialRecord(t *testing.T) {
	raw, err := os.ReadFile("testdata/tutorial.json")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	e := Explain(r)
	const want = "On November 15, 2024 at 10:30:15 UTC, IAM user 'rahul-dev' (from 203.0.113.45, in the console) " +
		"called RunInstances in Asia Pacific (Mumbai) and launched a t2.micro EC2 instance i-0abcd1234efgh5678. The call succeeded."
	if e.Text != want {
		t.Errorf("got  %s\nwant %s", e.Text, want)
	}
	if e.Who != "IAM user 'rahul-dev'" || e.From != "from 203.0.113.45, in the console" || e.Result != "The call succeeded." ||
		e.Outcome != Succeeded || !e.Effect ||
		e.Did != "called RunInstances in Asia Pacific (Mumbai) and launched a t2.micro EC2 instance i-0abcd1234efgh5678" {
		t.Errorf("parts: %+v", e)
	}
}

var (
	ourDigits = regexp.MustCompile(`and \d+ more|EC2|S3`)
	notOurs   = regexp.MustCompile(`[^-A-Za-z ,.;:()•/']|'[^s]`)
)

// checkClaims fails when the sentence holds anything that the record does not
// say: every value it names stands in the field it is said to come from, and
// what is left without those values are words of ours.
func checkClaims(t *testing.T, raw string, e Explanation) {
	t.Helper()
	var whole any
	d := json.NewDecoder(strings.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&whole); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	rest := e.Text
	var shown []string
	for _, f := range e.Facts {
		found := false
		for _, v := range valuesAt(whole, strings.Split(f.Path, ".")) {
			// A name may be part of an ARN, a principal's id or a user agent.
			if v == f.Value || strings.Contains(v, f.Value) && (strings.HasSuffix(f.Path, "arn") || strings.HasSuffix(f.Path, "principalId") || f.Path == "userAgent" || strings.HasSuffix(f.Path, "sessionIssuer.userName")) {
				found = true
			}
		}
		if !found {
			t.Errorf("the record has no %s %q\nsentence: %s\nrecord: %s", f.Path, f.Value, e.Text, raw)
		}
		shown = append(shown, string(appendBare(nil, f.Value)), quoted(f.Value), string(appendQuoted(nil, f.Value, '"', maxMessage)))
		if words := regions[f.Value]; words != "" && f.Path == "awsRegion" {
			shown = append(shown, words)
		}
		if at, err := time.Parse(time.RFC3339, f.Value); err == nil && strings.HasSuffix(f.Path, "Time") {
			shown = append(shown, at.UTC().Format("January 2, 2006 at 15:04:05 UTC"))
		}
	}
	sort.Slice(shown, func(i, j int) bool { return len(shown[i]) > len(shown[j]) })
	for _, s := range shown {
		rest = strings.ReplaceAll(rest, s, "•")
	}
	if bad := notOurs.FindString(ourDigits.ReplaceAllString(rest, "")); bad != "" {
		t.Errorf("%q in the sentence comes from no field\nsentence: %s\nleft: %s", bad, e.Text, rest)
	}
	for _, c := range e.Text {
		if !unicode.IsPrint(c) {
			t.Errorf("the sentence holds %U: %q", c, e.Text)
		}
	}
	if strings.Contains(e.Text, "  ") || strings.Contains(e.Text, " .") || strings.Contains(e.Text, " ,") || strings.Contains(e.Text, "()") {
		for _, s := range shown {
			if strings.Contains(s, "  ") {
				return
			}
		}
		t.Errorf("the sentence is badly put together: %q", e.Text)
	}
}

func valuesAt(v any, path []string) []string {
	switch x := v.(type) {
	case []any:
		var all []string
		for _, one := range x {
			all = append(all, valuesAt(one, path)...)
		}
		return all
	case map[string]any:
		if len(path) == 0 {
			return nil
		}
		if path[0] == "resources" && len(path) > 1 && path[1] == "ARN" {
			return append(valuesAt(x["resources"], []string{"ARN"}), valuesAt(x["resources"], []string{"arn"})...)
		}
		// A key may hold a dot: none of CloudTrail's own does, a service's may.
		if rest := strings.Join(path, "."); x[rest] != nil {
			return valuesAt(x[rest], nil)
		}
		all := valuesAt(x[path[0]], path[1:])
		if path[0] == "sessionContext" && len(path) == 2 {
			if s, ok := x[path[0]].(map[string]any); ok {
				all = append(all, valuesAt(s["attributes"], path[1:])...)
			}
		}
		return all
	case string:
		if len(path) == 0 {
			return []string{x}
		}
	case json.Number:
		if len(path) == 0 {
			return []string{x.String()}
		}
	case bool:
		if len(path) == 0 {
			return []string{fmt.Sprint(x)}
		}
	}
	return nil
}

func TestNothingIsMadeUp(t *testing.T) {
	each(t, func(file string, e Entry) {
		if e.Record != nil {
			checkClaims(t, string(e.Record.Raw), Explain(e.Record))
		}
	})
}

// Every record of testdata with one part taken out, nulled, or of another type:
// the record is still read, and still nothing is made up.
func TestNothingIsMadeUpOfBrokenRecords(t *testing.T) {
	count := 0
	each(t, func(file string, e Entry) {
		if e.Record == nil || file == "hostile.json" {
			return
		}
		var whole map[string]any
		d := json.NewDecoder(strings.NewReader(string(e.Record.Raw)))
		d.UseNumber()
		if err := d.Decode(&whole); err != nil {
			t.Fatal(err)
		}
		part := any(whole)
		identity := whole["userIdentity"]
		if file == "identities.json" {
			part = identity // the rest is the same call each time
		} else {
			// Who called is varied there; here, what was called.
			rest := maps.Clone(whole)
			delete(rest, "userIdentity")
			delete(rest, "eventID")
			delete(rest, "requestID")
			whole, part = rest, any(rest)
		}
		mutate(part, func() {
			raw, err := json.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			count++
			r, err := Decode(raw)
			if err != nil {
				return // what makes it a record was taken out
			}
			checkClaims(t, string(raw), Explain(r))
		})
	})
	if count < 3000 {
		t.Errorf("only %d records were tried", count)
	}
}

func mutate(v any, try func()) {
	switch x := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(x))
		for k := range x {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			was := x[k]
			for _, other := range []any{nil, "text", json.Number("7"), []any{map[string]any{"items": "x"}}} {
				x[k] = other
				try()
			}
			delete(x, k)
			try()
			x[k] = was
			mutate(was, try)
		}
	case []any:
		for _, one := range x {
			mutate(one, try)
		}
	}
}

// sample makes a record of a call in which every path that its phrase names has
// a value of its own.
func sample(c call, t *template, failed bool) string {
	parts := map[string]map[string]any{"req": {}, "res": {}, "add": {}}
	n := 0
	var fill func(nodes []node)
	fill = func(nodes []node) {
		for _, nd := range nodes {
			fill(nd.optional)
			for _, p := range nd.paths {
				at := parts[p.root]
				for _, k := range p.keys[:len(p.keys)-1] {
					next, ok := at[k].(map[string]any)
					if !ok {
						next = map[string]any{}
						at[k] = next
					}
					at = next
				}
				n++
				last := p.keys[len(p.keys)-1]
				if _, taken := at[last]; taken {
					continue
				}
				at[last] = fmt.Sprintf("value-%d", n)
				if nd.rules {
					at[last] = map[string]any{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": map[string]any{"items": []any{map[string]any{"cidrIp": "192.0.2.0/24"}}}}
				}
			}
		}
	}
	for _, a := range t.alternatives {
		fill(a)
	}
	record := map[string]any{
		"eventVersion": "1.09", "eventTime": "2024-06-03T09:15:27Z", "eventSource": c.source + ".amazonaws.com", "eventName": c.name,
		"awsRegion": "eu-west-1", "requestParameters": parts["req"], "responseElements": parts["res"], "additionalEventData": parts["add"],
		"userIdentity": map[string]any{"type": "IAMUser", "userName": "alice"},
	}
	if failed {
		record["errorCode"] = "AccessDenied"
	}
	raw, err := json.Marshal(record)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// Every phrase of the table: a success says what was done, a failure that it was
// tried, and a record without parameters says the API's name.
func TestEveryPhrase(t *testing.T) {
	all := templates()
	if len(all) < 450 {
		t.Errorf("the table has %d phrases", len(all))
	}
	for c, tm := range all {
		raw := sample(c, tm, false)
		r, err := Decode([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		e := Explain(r)
		checkClaims(t, raw, e)
		if !strings.Contains(e.Text, "called "+c.name+" in Europe (Ireland) and "+tm.past+" ") && !strings.Contains(e.Text, " and "+tm.past+".") {
			t.Errorf("%v: the success does not say %q: %s", c, tm.past, e.Text)
		}
		raw = sample(c, tm, true)
		if r, err = Decode([]byte(raw)); err != nil {
			t.Fatal(err)
		}
		e = Explain(r)
		checkClaims(t, raw, e)
		if !strings.Contains(e.Text, " and tried to "+tm.verb) || strings.Contains(e.Text, " and "+tm.past+" ") {
			t.Errorf("%v: the failure must say that it was tried: %s", c, e.Text)
		}
		if e.Outcome != Denied || e.Result != "The call was denied (AccessDenied)." {
			t.Errorf("%v: outcome %v, %q", c, e.Outcome, e.Result)
		}
		r.RequestParameters, r.ResponseElements, r.AdditionalData = "null", "null", ""
		e = Explain(r)
		if !strings.Contains(e.Text, "called "+c.name) {
			t.Errorf("%v without parameters: %s", c, e.Text)
		}
	}
}

// The events of the CIS patterns, of other checkers, and those that CIS misses.
func TestCatalogueHasAPhrase(t *testing.T) {
	names := map[string]string{
		"iam": "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy AttachGroupPolicy DetachGroupPolicy " +
			"SetDefaultPolicyVersion UpdateAssumeRolePolicy CreateAccessKey CreateLoginProfile AddUserToGroup PutRolePermissionsBoundary DeleteRolePermissionsBoundary DeactivateMFADevice CreateSAMLProvider CreateOpenIDConnectProvider CreateUser",
		"cloudtrail":    "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging PutEventSelectors PutInsightSelectors DeregisterOrganizationDelegatedAdmin DeleteEventDataStore UpdateEventDataStore DeleteResourcePolicy",
		"kms":           "DisableKey ScheduleKeyDeletion PutKeyPolicy DisableKeyRotation CreateGrant",
		"s3":            "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication PutBucketVersioning PutBucketLogging PutBucketPublicAccessBlock DeleteBucketPublicAccessBlock PutBucketEncryption DeleteBucketEncryption PutBucketObjectLockConfiguration DeleteBucket CreateBucket HeadBucket PutObject DeleteObject",
		"config":        "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder DeleteConfigurationRecorder",
		"ec2":           "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup ModifySecurityGroupRules CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry ReplaceNetworkAclAssociation CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway DeleteInternetGateway DetachInternetGateway CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute DisassociateRouteTable CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink RunInstances StopInstances StartInstances TerminateInstances",
		"organizations": "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy UpdateOrganizationalUnit CancelHandshake CreateOrganization EnableAllFeatures CloseAccount RegisterDelegatedAdministrator EnableAWSServiceAccess DisableAWSServiceAccess PutResourcePolicy",
		"logs":          "DeleteMetricFilter PutMetricFilter DeleteLogGroup DeleteLogStream PutRetentionPolicy DisassociateKmsKey DeleteSubscriptionFilter CreateLogGroup",
		"monitoring":    "DeleteAlarms DisableAlarmActions PutMetricAlarm",
		"sns":           "Unsubscribe DeleteTopic SetTopicAttributes",
		"sts":           "AssumeRoot AssumeRole",
		"lambda":        "CreateFunction UpdateFunctionCode",
	}
	for source, list := range names {
		for name := range strings.FieldsSeq(list) {
			if templates()[call{source, name}] == nil {
				t.Errorf("no phrase for %s of %s", name, source)
			}
		}
	}
}

func TestOutcome(t *testing.T) {
	for _, c := range []struct {
		name string
		r    Record
		want Outcome
	}{
		{"success", Record{EventName: "X"}, Succeeded},
		{"denied", Record{ErrorCode: "AccessDenied"}, Denied},
		{"denied by EC2", Record{ErrorCode: "Client.UnauthorizedOperation"}, Denied},
		{"denied by a JSON service", Record{ErrorCode: "AccessDeniedException"}, Denied},
		{"denied by an endpoint", Record{ErrorCode: "VpceAccessDenied"}, Denied},
		{"failed", Record{ErrorCode: "NoSuchBucket"}, Failed},
		{"message alone", Record{ErrorMessage: "Failed authentication"}, Failed},
		{"dry run", Record{ErrorCode: "Client.DryRunOperation"}, DryRun},
		{"error in the response", Record{ResponseElements: `{"errorCode":"AccessDenied"}`}, Denied},
		{"EC2's false", Record{ResponseElements: `{"_return":false}`}, Failed},
		{"sign-in", Record{EventName: "ConsoleLogin", ResponseElements: `{"ConsoleLogin":"Success"}`}, Succeeded},
		{"failed sign-in", Record{EventName: "ConsoleLogin", ResponseElements: `{"ConsoleLogin":"Failure"}`}, Failed},
		{"sign-in that does not say", Record{EventName: "ConsoleLogin"}, Unsaid},
		{"service event", Record{EventType: "AwsServiceEvent"}, NoCall},
		{"Insights", Record{EventType: "AwsCloudTrailInsight"}, NoCall},
	} {
		if got := c.r.Outcome(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestExplainNothing(t *testing.T) {
	if got := Explain(nil).Text; got != "There is no record." {
		t.Error(got)
	}
	if got := ExplainDigest(nil).Text; got != "There is no digest." {
		t.Error(got)
	}
	if got := Explain(&Record{}).Text; strings.Contains(got, "succeeded") && !strings.Contains(got, "does not identify") {
		t.Error(got)
	}
}

func FuzzExplain(f *testing.F) {
	each(f, func(_ string, e Entry) {
		if e.Record != nil {
			f.Add([]byte(e.Record.Raw))
		}
	})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := Decode(raw)
		if err != nil {
			return
		}
		e := Explain(r)
		for _, c := range e.Text {
			if !unicode.IsPrint(c) {
				t.Fatalf("%U in %q", c, e.Text)
			}
		}
		if o := r.Outcome(); o == Denied || o == Failed {
			if tm := templates()[callOf(r)]; tm != nil && e.Effect && !strings.Contains(e.Did, "tried to ") {
				t.Fatalf("a failed call did it: %s", e.Text)
			}
		}
	})
}

func benchmarkRecords(b *testing.B) [][]byte {
	var all [][]byte
	each(b, func(file string, e Entry) {
		if e.Record != nil && file != "hostile.json" {
			var compact bytes.Buffer
			if err := json.Compact(&compact, []byte(e.Record.Raw)); err != nil {
				b.Fatal(err)
			}
			all = append(all, compact.Bytes())
		}
	})
	return all
}

func report(b *testing.B) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportAllocs()
}

func BenchmarkDecode(b *testing.B) {
	raws := benchmarkRecords(b)
	for i := 0; b.Loop(); i++ {
		if _, err := Decode(raws[i%len(raws)]); err != nil {
			b.Fatal(err)
		}
	}
	report(b)
}

func BenchmarkExplain(b *testing.B) {
	var records []*Record
	for _, raw := range benchmarkRecords(b) {
		r, err := Decode(raw)
		if err != nil {
			b.Fatal(err)
		}
		records = append(records, r)
	}
	for i := 0; b.Loop(); i++ {
		Explain(records[i%len(records)])
	}
	report(b)
}

func BenchmarkDecodeAndExplain(b *testing.B) {
	raws := benchmarkRecords(b)
	for i := 0; b.Loop(); i++ {
		r, err := Decode(raws[i%len(raws)])
		if err != nil {
			b.Fatal(err)
		}
		Explain(r)
	}
	report(b)
}
