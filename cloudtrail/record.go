package cloudtrail

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Record is one CloudTrail record: a management, data, network activity or
// Insights event. Fields bear AWS's names; the user guide's page "CloudTrail
// record contents" says what each means and since which eventVersion it exists.
// A field that the record leaves out, or has as null, is "" or nil.
type Record struct {
	EventVersion string
	// EventTime is the time at which the request was completed, in UTC; zero
	// where the record has none that can be read.
	EventTime          time.Time
	EventSource        string // service, such as ec2.amazonaws.com
	EventName          string
	EventID            string
	EventType          string // AwsApiCall, AwsServiceEvent, AwsConsoleSignIn, AwsConsoleAction, AwsVpceEvent, AwsCloudTrailInsight
	EventCategory      string // Management, Data, NetworkActivity, Insight
	AWSRegion          string
	SourceIPAddress    string // an address, or the name of the calling service
	UserAgent          string
	UserIdentity       *UserIdentity
	ErrorCode          string
	ErrorMessage       string
	RequestParameters  JSON
	ResponseElements   JSON
	AdditionalData     JSON // additionalEventData
	ServiceDetails     JSON // serviceEventDetails
	EventContext       JSON // eventContext, an enriched event's tags and condition keys
	RequestID          string
	APIVersion         string
	RecipientAccountID string
	SharedEventID      string
	VPCEndpointID      string
	VPCEndpointAccount string // vpcEndpointAccountId
	ReadOnly           *bool
	ManagementEvent    *bool
	// FromConsole is sessionCredentialFromConsole: the call was made with the
	// credentials of a console session.
	FromConsole *bool
	Resources   []Resource
	Insight     *InsightDetails // insightDetails
	TLS         *TLSDetails     // tlsDetails
	Addendum    *Addendum       // why this record came late or replaces another
	// Raw is the whole record as written.
	Raw JSON
	// Odd names the fields whose value is not of the documented type and was
	// left out, each as "field: found kind". The rest of the record stands.
	Odd []string

	eventTimeText   string
	unreadableError bool // errorCode or errorMessage is there but no text
}

// UserIdentity is who made the call and with which credentials; see the user
// guide's page "CloudTrail userIdentity element".
type UserIdentity struct {
	Type             string // Root, IAMUser, AssumedRole, Role, FederatedUser, SAMLUser, WebIdentityUser, IdentityCenterUser, AWSAccount, AWSService, Directory, Unknown; "" where absent
	PrincipalID      string
	ARN              string
	AccountID        string
	AccessKeyID      string
	UserName         string // HIDDEN_DUE_TO_SECURITY_REASONS after a sign-in with a wrong user name
	InvokedBy        string // the AWS service that made the call for this identity
	IdentityProvider string // SAMLUser and WebIdentityUser only
	CredentialID     string // IdentityCenterUser only
	OnBehalfOf       *OnBehalfOf
	Session          *SessionContext
}

// OnBehalfOf is the IAM Identity Center user a call was made for.
type OnBehalfOf struct {
	UserID           string
	IdentityStoreARN string
}

// SessionContext tells how temporary credentials came about.
type SessionContext struct {
	Issuer           *SessionIssuer
	WebIDProvider    string // webIdFederationData.federatedProvider
	WebIDAttributes  JSON   // webIdFederationData.attributes
	MFAAuthenticated *bool
	CreationDate     string // as written: ISO 8601, basic or extended
	SourceIdentity   string
	EC2RoleDelivery  string // "1.0" or "2.0", the version of the instance metadata service
	AssumedRoot      *bool  // a session of sts:AssumeRoot
}

// SessionIssuer is the role, user or root whose credentials a session stands on.
type SessionIssuer struct {
	Type        string
	PrincipalID string
	ARN         string
	AccountID   string
	UserName    string
}

// Resource is one resource that the call touched.
type Resource struct {
	ARN       string
	ARNPrefix string
	AccountID string
	Type      string // such as AWS::KMS::Key
}

// TLSDetails is how the connection was secured.
type TLSDetails struct {
	Version          string
	CipherSuite      string
	ClientHostHeader string
}

// Addendum says why a record was delivered late or again.
type Addendum struct {
	Reason            string
	UpdatedFields     string
	OriginalRequestID string
	OriginalEventID   string
}

// InsightDetails is what CloudTrail Insights found unusual. The rates are per
// minute and kept as written, so that no digit is lost or made up.
type InsightDetails struct {
	State            string // Start or End
	EventSource      string
	EventName        string
	InsightType      string // ApiCallRateInsight or ApiErrorRateInsight
	ErrorCode        string // ApiErrorRateInsight only
	Baseline         string // average a minute before
	Average          string // average a minute during the unusual activity
	Duration         string // minutes
	BaselineDuration string // minutes
	Context          JSON   // insightContext, with its attributions
}

// ErrNotRecord says that a JSON value is not a CloudTrail record: it is no
// object, or lacks what every record has.
var ErrNotRecord = errors.New("not a CloudTrail record")

// Decode reads one record. The text has to be JSON from end to end; its fields
// may be of any type: one that is not as documented is left out and named in
// Record.Odd. The error is a syntax error with the offset in raw, or wraps
// ErrNotRecord.
func Decode(raw []byte) (*Record, error) {
	// One copy of the text; every field is a part of it.
	return decode(string(raw))
}

func decode(s string) (*Record, error) {
	i := skipSpace(s, 0)
	if i >= len(s) || s[i] != '{' {
		if end, ok := skipValue(s, i, 0); !ok {
			return nil, syntaxError(s, end)
		}
		return nil, fmt.Errorf("%w: found %s where a record's object is expected", ErrNotRecord, kindOf(s[i:]))
	}
	r := &Record{}
	end, ok := walkObject(s, i, 0, r.set)
	if !ok {
		return nil, syntaxError(s, end)
	}
	r.Raw = JSON(s[i:end])
	if rest := skipSpace(s, end); rest < len(s) {
		return nil, fmt.Errorf("more text after the record's end at byte %d", rest)
	}
	return r, r.check()
}

// check tells a CloudTrail record from other JSON, such as an S3 event
// notification, which has eventVersion, eventTime and eventName too.
func (r *Record) check() error {
	switch {
	case r.EventName == "" && r.Insight == nil:
		return fmt.Errorf("%w: it has neither eventName nor insightDetails", ErrNotRecord)
	case r.eventTimeText == "" && r.EventSource == "":
		return fmt.Errorf("%w: it has neither eventTime nor eventSource", ErrNotRecord)
	case strings.HasPrefix(r.EventSource, "aws:"):
		return fmt.Errorf("%w: eventSource %s is a notification of that service", ErrNotRecord, quoted(r.EventSource))
	}
	return nil
}

func syntaxError(s string, at int) error {
	if at >= len(s) {
		return fmt.Errorf("not JSON: the text ends at byte %d in the middle of a value", len(s))
	}
	return fmt.Errorf("not JSON: unexpected %q at byte %d", s[at], at)
}

func (r *Record) set(key string, v JSON) {
	switch key {
	case "eventVersion":
		r.text(key, v, &r.EventVersion)
	case "eventTime":
		r.text(key, v, &r.eventTimeText)
		r.EventTime = parseTime(r.eventTimeText)
		if r.eventTimeText != "" && r.EventTime.IsZero() {
			r.Odd = append(r.Odd, "eventTime: not a time")
		}
	case "eventSource":
		r.text(key, v, &r.EventSource)
	case "eventName":
		r.text(key, v, &r.EventName)
	case "eventID":
		r.text(key, v, &r.EventID)
	case "eventType":
		r.text(key, v, &r.EventType)
	case "eventCategory":
		r.text(key, v, &r.EventCategory)
	case "awsRegion":
		r.text(key, v, &r.AWSRegion)
	case "sourceIPAddress":
		r.text(key, v, &r.SourceIPAddress)
	case "userAgent":
		r.text(key, v, &r.UserAgent)
	case "userIdentity":
		if r.object(key, v) {
			r.UserIdentity = r.userIdentity(v)
		}
	case "errorCode":
		r.text(key, v, &r.ErrorCode)
		r.unreadableError = r.unreadableError || v[0] == '{' || v[0] == '['
	case "errorMessage":
		r.text(key, v, &r.ErrorMessage)
		r.unreadableError = r.unreadableError || v[0] == '{' || v[0] == '['
	case "requestParameters":
		r.RequestParameters = v
	case "responseElements":
		r.ResponseElements = v
	case "additionalEventData":
		r.AdditionalData = v
	case "serviceEventDetails":
		r.ServiceDetails = v
	case "eventContext":
		r.EventContext = v
	case "requestID":
		r.text(key, v, &r.RequestID)
	case "apiVersion":
		r.text(key, v, &r.APIVersion)
	case "recipientAccountId":
		r.text(key, v, &r.RecipientAccountID)
	case "sharedEventID":
		r.text(key, v, &r.SharedEventID)
	case "vpcEndpointId":
		r.text(key, v, &r.VPCEndpointID)
	case "vpcEndpointAccountId":
		r.text(key, v, &r.VPCEndpointAccount)
	case "readOnly":
		r.flag(key, v, &r.ReadOnly)
	case "managementEvent":
		r.flag(key, v, &r.ManagementEvent)
	case "sessionCredentialFromConsole":
		r.flag(key, v, &r.FromConsole)
	case "resources":
		r.Resources = r.resources(key, v)
	case "insightDetails":
		if r.object(key, v) {
			r.Insight = r.insight(v)
		}
	case "tlsDetails":
		if r.object(key, v) {
			r.TLS = &TLSDetails{}
			members(string(v), 0, func(k string, v JSON) {
				switch k {
				case "tlsVersion":
					r.text("tlsDetails.tlsVersion", v, &r.TLS.Version)
				case "cipherSuite":
					r.text("tlsDetails.cipherSuite", v, &r.TLS.CipherSuite)
				case "clientProvidedHostHeader":
					r.text("tlsDetails.clientProvidedHostHeader", v, &r.TLS.ClientHostHeader)
				}
			})
		}
	case "addendum":
		if r.object(key, v) {
			r.Addendum = &Addendum{}
			members(string(v), 0, func(k string, v JSON) {
				switch k {
				case "reason":
					r.text("addendum.reason", v, &r.Addendum.Reason)
				case "updatedFields":
					r.text("addendum.updatedFields", v, &r.Addendum.UpdatedFields)
				case "originalRequestID":
					r.text("addendum.originalRequestID", v, &r.Addendum.OriginalRequestID)
				case "originalEventID":
					r.text("addendum.originalEventID", v, &r.Addendum.OriginalEventID)
				}
			})
		}
	}
}

func (r *Record) userIdentity(v JSON) *UserIdentity {
	u := &UserIdentity{}
	members(string(v), 0, func(k string, v JSON) {
		switch k {
		case "type":
			r.text("userIdentity.type", v, &u.Type)
		case "principalId":
			r.text("userIdentity.principalId", v, &u.PrincipalID)
		case "arn":
			r.text("userIdentity.arn", v, &u.ARN)
		case "accountId":
			r.text("userIdentity.accountId", v, &u.AccountID)
		case "accessKeyId":
			r.text("userIdentity.accessKeyId", v, &u.AccessKeyID)
		case "userName":
			r.text("userIdentity.userName", v, &u.UserName)
		case "invokedBy":
			r.text("userIdentity.invokedBy", v, &u.InvokedBy)
		case "identityProvider":
			r.text("userIdentity.identityProvider", v, &u.IdentityProvider)
		case "credentialId":
			r.text("userIdentity.credentialId", v, &u.CredentialID)
		case "onBehalfOf":
			if r.object("userIdentity.onBehalfOf", v) {
				u.OnBehalfOf = &OnBehalfOf{}
				members(string(v), 0, func(k string, v JSON) {
					switch k {
					case "userId":
						r.text("userIdentity.onBehalfOf.userId", v, &u.OnBehalfOf.UserID)
					case "identityStoreArn":
						r.text("userIdentity.onBehalfOf.identityStoreArn", v, &u.OnBehalfOf.IdentityStoreARN)
					}
				})
			}
		case "sessionContext":
			if r.object("userIdentity.sessionContext", v) {
				u.Session = r.session(v)
			}
		}
	})
	return u
}

func (r *Record) session(v JSON) *SessionContext {
	c := &SessionContext{}
	const at = "userIdentity.sessionContext."
	attribute := func(k string, v JSON) {
		switch k {
		case "mfaAuthenticated":
			r.flag(at+"attributes.mfaAuthenticated", v, &c.MFAAuthenticated)
		case "creationDate":
			r.text(at+"attributes.creationDate", v, &c.CreationDate)
		case "sourceIdentity":
			r.text(at+"sourceIdentity", v, &c.SourceIdentity)
		case "ec2RoleDelivery":
			r.text(at+"ec2RoleDelivery", v, &c.EC2RoleDelivery)
		case "assumedRoot":
			r.flag(at+"assumedRoot", v, &c.AssumedRoot)
		}
	}
	members(string(v), 0, func(k string, v JSON) {
		switch k {
		case "attributes":
			if r.object(at+k, v) {
				members(string(v), 0, attribute)
			}
		case "sessionIssuer":
			if !r.object(at+k, v) {
				return
			}
			c.Issuer = &SessionIssuer{}
			members(string(v), 0, func(k string, v JSON) {
				switch k {
				case "type":
					r.text(at+"sessionIssuer.type", v, &c.Issuer.Type)
				case "principalId":
					r.text(at+"sessionIssuer.principalId", v, &c.Issuer.PrincipalID)
				case "arn":
					r.text(at+"sessionIssuer.arn", v, &c.Issuer.ARN)
				case "accountId":
					r.text(at+"sessionIssuer.accountId", v, &c.Issuer.AccountID)
				case "userName":
					r.text(at+"sessionIssuer.userName", v, &c.Issuer.UserName)
				}
			})
		case "webIdFederationData":
			if !r.object(at+k, v) {
				return
			}
			members(string(v), 0, func(k string, v JSON) {
				switch k {
				case "federatedProvider":
					r.text(at+"webIdFederationData.federatedProvider", v, &c.WebIDProvider)
				case "attributes":
					c.WebIDAttributes = v
				}
			})
		default:
			// sourceIdentity, ec2RoleDelivery and assumedRoot stand beside
			// attributes in current records and within it in older ones.
			attribute(k, v)
		}
	})
	return c
}

func (r *Record) resources(key string, v JSON) []Resource {
	if v == "null" {
		return nil
	}
	if v[0] != '[' {
		r.Odd = append(r.Odd, key+": "+kindOf(string(v)))
		return nil
	}
	var all []Resource
	list := string(v)
	for v, rest := element(list, 0); v != ""; v, rest = element(list, rest) {
		if !r.object(key, v) {
			continue
		}
		var one Resource
		members(string(v), 0, func(k string, v JSON) {
			switch k {
			case "ARN", "arn":
				r.text("resources.ARN", v, &one.ARN)
			case "ARNPrefix":
				r.text("resources.ARNPrefix", v, &one.ARNPrefix)
			case "accountId":
				r.text("resources.accountId", v, &one.AccountID)
			case "type":
				r.text("resources.type", v, &one.Type)
			}
		})
		all = append(all, one)
	}
	return all
}

func (r *Record) insight(v JSON) *InsightDetails {
	d := &InsightDetails{}
	members(string(v), 0, func(k string, v JSON) {
		switch k {
		case "state":
			r.text("insightDetails.state", v, &d.State)
		case "eventSource":
			r.text("insightDetails.eventSource", v, &d.EventSource)
		case "eventName":
			r.text("insightDetails.eventName", v, &d.EventName)
		case "insightType":
			r.text("insightDetails.insightType", v, &d.InsightType)
		case "errorCode":
			r.text("insightDetails.errorCode", v, &d.ErrorCode)
		case "insightContext":
			d.Context = v
		}
	})
	d.Baseline, _ = d.Context.Text("statistics", "baseline", "average")
	d.Average, _ = d.Context.Text("statistics", "insight", "average")
	d.Duration, _ = d.Context.Text("statistics", "insightDuration")
	d.BaselineDuration, _ = d.Context.Text("statistics", "baselineDuration")
	return d
}

// text takes a string, and a number or boolean as written: an account id is a
// number in some records that passed through other tools.
func (r *Record) text(name string, v JSON, to *string) {
	text, ok := v.scalar()
	if !ok && v != "null" {
		r.Odd = append(r.Odd, name+": "+kindOf(string(v)))
	}
	*to = text
}

// flag takes a boolean, and the string "true" or "false": AWS writes
// mfaAuthenticated as a string and readOnly as a boolean.
func (r *Record) flag(name string, v JSON, to **bool) {
	text, _ := v.scalar()
	switch text {
	case "true", "false":
		value := text == "true"
		*to = &value
	default:
		if v != "null" && text != "" {
			r.Odd = append(r.Odd, name+": "+kindOf(string(v)))
		}
	}
}

func (r *Record) object(name string, v JSON) bool {
	if v[0] == '{' {
		return true
	}
	if v != "null" {
		r.Odd = append(r.Odd, name+": "+kindOf(string(v)))
	}
	return false
}

func kindOf(v string) string {
	if v == "" {
		return "nothing"
	}
	switch v[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// parseTime reads the forms in which CloudTrail writes a time; zero for others.
func parseTime(text string) time.Time {
	// Lake and Insights exports write the third form, sessions the second.
	for _, layout := range [...]string{time.RFC3339, "20060102T150405Z", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
