package drill

import (
	"bytes"
	"strings"
	"time"

	"github.com/trailkeep/trailkeep/cloudtrail"
)

var (
	eventTimeKey   = []byte(`"eventTime":"`)
	eventSourceKey = []byte(`","eventSource":"`)
)

// eventMinute returns the minute of a record's eventTime, and false where it has
// none. AWS writes eventTime and eventSource one after the other, which is
// enough to find it without decoding the record; the key alone might be that of a
// member within userIdentity. It is looked for by the Z of its end, which is rare
// where quotes are not.
func eventMinute(raw []byte) (minute, bool) {
	for i := 0; i < len(raw); i++ {
		z := bytes.IndexByte(raw[i:], 'Z')
		if z < 0 {
			break
		}
		i += z
		start := i + 1 - timeLength
		if !bytes.HasPrefix(raw[i+1:], eventSourceKey) || start < 0 || !bytes.HasSuffix(raw[:start], eventTimeKey) {
			continue
		}
		if m, ok := parseMinute(raw[start : i+1]); ok {
			return m, true
		}
		break
	}
	r, err := cloudtrail.Decode(raw)
	if err != nil || r.EventTime.IsZero() {
		return 0, false
	}
	return minuteOf(r.EventTime), true
}

const timeLength = len("2006-01-02T15:04:05Z")

// parseMinute reads a time of the only form in which CloudTrail writes eventTime.
func parseMinute(text []byte) (minute, bool) {
	if text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z' {
		return 0, false
	}
	var n [6]int
	for k, field := range [...]struct{ at, digits int }{{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}} {
		for _, c := range text[field.at : field.at+field.digits] {
			if c < '0' || c > '9' {
				return 0, false
			}
			n[k] = n[k]*10 + int(c-'0')
		}
	}
	if n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return 0, false
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], 0, 0, time.UTC)
	if int(t.Month()) != n[1] || t.Day() != n[2] {
		return 0, false // there is no such day
	}
	return minuteOf(t), true
}

// caller names who made a call, so that the sessions of a role are one caller:
// "role deploy (111122223333)".
func caller(raw []byte) string {
	r, err := cloudtrail.Decode(raw)
	if err != nil || r.UserIdentity == nil {
		return "unknown caller"
	}
	u := r.UserIdentity
	name, account := "", u.AccountID
	switch u.Type {
	case "Root":
		name = "root"
	case "IAMUser":
		name = "user " + first(u.UserName, lastOf(u.ARN), u.PrincipalID)
	case "AssumedRole", "Role":
		role := ""
		if u.Session != nil && u.Session.Issuer != nil {
			role = u.Session.Issuer.UserName
		}
		if role == "" {
			// arn:aws:sts::111122223333:assumed-role/ROLE/SESSION
			if parts := strings.Split(u.ARN, "/"); len(parts) > 1 {
				role = parts[1]
			}
		}
		name = "role " + first(role, u.PrincipalID)
	case "AWSService":
		return "service " + first(u.InvokedBy, r.SourceIPAddress)
	case "AWSAccount":
		return "account " + u.AccountID
	case "FederatedUser", "SAMLUser", "WebIdentityUser", "IdentityCenterUser":
		name = "federated user " + first(u.UserName, lastOf(u.ARN), u.PrincipalID)
	default:
		name = first(u.UserName, lastOf(u.ARN), u.PrincipalID, u.InvokedBy, "unknown caller")
	}
	if u.InvokedBy != "" {
		name += " by way of " + u.InvokedBy
	}
	if account = first(account, r.RecipientAccountID); account != "" {
		name += " (" + account + ")"
	}
	return printable(name)
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func lastOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// printable keeps what a record says from commanding a terminal, or filling it.
func printable(s string) string {
	const most = 200
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return '�'
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}
