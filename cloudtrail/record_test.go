package cloudtrail

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func ptr[T any](v T) *T { return &v }

func TestDecodeEveryField(t *testing.T) {
	const raw = ` {"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAIDPPEZS35WEXAMPLE:s","arn":"arn:aws:sts::123456789012:assumed-role/R/s","accountId":"123456789012","accessKeyId":"ASIAIOSFODNN7EXAMPLE","userName":"u","invokedBy":"ec2.amazonaws.com","identityProvider":"p","credentialId":"c",
"onBehalfOf":{"userId":"94d00cd8","identityStoreArn":"arn:aws:identitystore::123456789012:identitystore/d-1"},
"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAIDPPEZS35WEXAMPLE","arn":"arn:aws:iam::123456789012:role/R","accountId":"123456789012","userName":"R"},"webIdFederationData":{"federatedProvider":"accounts.google.com","attributes":{"a":"b"}},"attributes":{"creationDate":"20131102T010628Z","mfaAuthenticated":"true"},"sourceIdentity":"alice","ec2RoleDelivery":"2.0","assumedRoot":"false"}},
"eventTime":"2024-06-03T11:15:27+02:00","eventSource":"kms.amazonaws.com","eventName":"Decrypt","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.1","userAgent":"x","errorCode":"E","errorMessage":"m","requestParameters":{"a":1},"responseElements":null,"additionalEventData":{"b":2},"requestID":"r","eventID":"e","readOnly":true,
"resources":[{"ARN":"arn:aws:kms:eu-west-1:123456789012:key/k","accountId":123456789012,"type":"AWS::KMS::Key"},{"ARNPrefix":"arn:aws:s3:::b/"}],"eventType":"AwsApiCall","apiVersion":"2014-11-01","managementEvent":true,"recipientAccountId":"123456789012","sharedEventID":"sh","vpcEndpointId":"vpce-1","vpcEndpointAccountId":"123456789012","eventCategory":"Management","serviceEventDetails":{"c":3},"eventContext":{"d":4},"sessionCredentialFromConsole":"true",
"addendum":{"reason":"UPDATED_DATA","updatedFields":"u","originalRequestID":"o","originalEventID":"oe"},"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"kms.eu-west-1.amazonaws.com"},"somethingNew":[1]} `
	got, err := Decode([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	want := &Record{
		EventVersion: "1.11", EventTime: time.Date(2024, 6, 3, 9, 15, 27, 0, time.UTC), EventSource: "kms.amazonaws.com", EventName: "Decrypt",
		EventID: "e", EventType: "AwsApiCall", EventCategory: "Management", AWSRegion: "eu-west-1", SourceIPAddress: "192.0.2.1", UserAgent: "x",
		UserIdentity: &UserIdentity{
			Type: "AssumedRole", PrincipalID: "AROAIDPPEZS35WEXAMPLE:s", ARN: "arn:aws:sts::123456789012:assumed-role/R/s", AccountID: "123456789012",
			AccessKeyID: "ASIAIOSFODNN7EXAMPLE", UserName: "u", InvokedBy: "ec2.amazonaws.com", IdentityProvider: "p", CredentialID: "c",
			OnBehalfOf: &OnBehalfOf{UserID: "94d00cd8", IdentityStoreARN: "arn:aws:identitystore::123456789012:identitystore/d-1"},
			Session: &SessionContext{
				Issuer:        &SessionIssuer{Type: "Role", PrincipalID: "AROAIDPPEZS35WEXAMPLE", ARN: "arn:aws:iam::123456789012:role/R", AccountID: "123456789012", UserName: "R"},
				WebIDProvider: "accounts.google.com", WebIDAttributes: `{"a":"b"}`, MFAAuthenticated: ptr(true), CreationDate: "20131102T010628Z",
				SourceIdentity: "alice", EC2RoleDelivery: "2.0", AssumedRoot: ptr(false),
			},
		},
		ErrorCode: "E", ErrorMessage: "m", RequestParameters: `{"a":1}`, ResponseElements: "null", AdditionalData: `{"b":2}`, ServiceDetails: `{"c":3}`, EventContext: `{"d":4}`,
		RequestID: "r", APIVersion: "2014-11-01", RecipientAccountID: "123456789012", SharedEventID: "sh", VPCEndpointID: "vpce-1", VPCEndpointAccount: "123456789012",
		ReadOnly: ptr(true), ManagementEvent: ptr(true), FromConsole: ptr(true),
		Resources: []Resource{{ARN: "arn:aws:kms:eu-west-1:123456789012:key/k", AccountID: "123456789012", Type: "AWS::KMS::Key"}, {ARNPrefix: "arn:aws:s3:::b/"}},
		TLS:       &TLSDetails{Version: "TLSv1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", ClientHostHeader: "kms.eu-west-1.amazonaws.com"},
		Addendum:  &Addendum{Reason: "UPDATED_DATA", UpdatedFields: "u", OriginalRequestID: "o", OriginalEventID: "oe"},
		Raw:       JSON(strings.TrimSpace(raw)),
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Record{})); d != "" {
		t.Error(d)
	}
}

func TestDecodeInsight(t *testing.T) {
	var got []*InsightDetails
	each(t, func(_ string, e Entry) {
		if e.Record != nil && e.Record.Insight != nil {
			got = append(got, e.Record.Insight)
		}
	})
	if len(got) != 3 {
		t.Fatalf("%d Insights records", len(got))
	}
	d := *got[2]
	d.Context = ""
	want := InsightDetails{State: "Start", EventSource: "autoscaling.amazonaws.com", EventName: "CompleteLifecycleAction", InsightType: "ApiErrorRateInsight",
		ErrorCode: "AccessDeniedException", Baseline: "0.0000882145", Average: "0.6", Duration: "5", BaselineDuration: "11336"}
	if d != want {
		t.Errorf("%+v", d)
	}
}

// A field of the wrong type is named; the rest of the record stands.
func TestDecodeOddTypes(t *testing.T) {
	r, err := Decode([]byte(`{"eventName":"X","eventSource":["s3"],"eventTime":"yesterday","userIdentity":{"type":{"a":1},"userName":"alice","sessionContext":"none"},"readOnly":"maybe","managementEvent":"false","resources":{"ARN":"a"},"recipientAccountId":123456789012,"errorCode":[1],"insightDetails":null,"tlsDetails":3,"addendum":"x","awsRegion":null}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"eventSource: an array", "eventTime: not a time", "userIdentity.type: an object", "userIdentity.sessionContext: a string", "readOnly: a string", "resources: an object", "errorCode: an array", "tlsDetails: a number", "addendum: a string"}
	if d := cmp.Diff(want, r.Odd); d != "" {
		t.Error(d)
	}
	if r.UserIdentity.UserName != "alice" || r.RecipientAccountID != "123456789012" || r.ManagementEvent == nil || *r.ManagementEvent || r.ReadOnly != nil || !r.EventTime.IsZero() {
		t.Errorf("%+v", r)
	}
	if r.Outcome() != Unsaid {
		t.Errorf("an unreadable error is taken for %v", r.Outcome())
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, c := range []struct {
		text, want string
		notRecord  bool
	}{
		{``, "not JSON: the text ends at byte 0 in the middle of a value", false},
		{`{"a":1`, "not JSON: the text ends at byte 6 in the middle of a value", false},
		{`{"a":x}`, "not JSON: unexpected 'x' at byte 5", false},
		{`{"eventName":"X","eventSource":"y"} z`, "more text after the record's end at byte 36", false},
		{`[]`, "not a CloudTrail record: found an array where a record's object is expected", true},
		{`{}`, "not a CloudTrail record: it has neither eventName nor insightDetails", true},
		{`{"eventName":"X"}`, "not a CloudTrail record: it has neither eventTime nor eventSource", true},
	} {
		_, err := Decode([]byte(c.text))
		if err == nil || err.Error() != c.want || errors.Is(err, ErrNotRecord) != c.notRecord {
			t.Errorf("%s: got %v, want %s", c.text, err, c.want)
		}
	}
}

// Decode keeps nothing of the bytes it was given.
func TestDecodeCopies(t *testing.T) {
	raw := []byte(one)
	r, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	clear(raw)
	if r.EventName != "DeleteBucket" || string(r.Raw) != one {
		t.Errorf("the record changed with the buffer: %q", r.Raw)
	}
}

func TestParseTime(t *testing.T) {
	want := time.Date(2024, 6, 3, 9, 15, 27, 0, time.UTC)
	for _, s := range []string{"2024-06-03T09:15:27Z", "2024-06-03T11:15:27+02:00", "20240603T091527Z", "2024-06-03 09:15:27", "2024-06-03 09:15:27.000"} {
		if got := parseTime(s); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %v", s, got)
		}
	}
	for _, s := range []string{"", "1717405527", "2024-06-03", "2024-13-03T09:15:27Z"} {
		if got := parseTime(s); !got.IsZero() {
			t.Errorf("%s: %v", s, got)
		}
	}
}

func TestDigest(t *testing.T) {
	raw, err := os.ReadFile("testdata/digest.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := DecodeDigest(raw)
	if err != nil {
		t.Fatal(err)
	}
	if d.AWSAccountID != "123456789012" || len(d.LogFiles) != 1 || d.LogFiles[0].HashAlgorithm != "SHA-256" || d.PreviousDigestSignature == nil ||
		!d.DigestEndTime.Equal(time.Date(2024, 6, 3, 9, 1, 31, 0, time.UTC)) {
		t.Errorf("%+v", d)
	}
	checkClaims(t, string(raw), ExplainDigest(d))
	for _, c := range []struct{ text, want string }{
		{`{"digestStartTime":1}`, "not a digest file: "},
		{`{"digestStartTime":"2024-06-03T08:01:31Z"}`, "awsAccountId, digestEndTime or digestS3Object is missing"},
	} {
		for e, err := range Read("f", strings.NewReader(c.text)) {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, %+v", c.text, err, e)
			}
		}
	}
}
