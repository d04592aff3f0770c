package cloudtrail

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Digest is the content of a digest file: which log files CloudTrail delivered
// in an hour, and their hashes. Its signature stands in the S3 object's
// metadata, not here. See the user guide's page "CloudTrail digest file
// structure".
type Digest struct {
	AWSAccountID               string       `json:"awsAccountId"`
	DigestStartTime            time.Time    `json:"digestStartTime"`
	DigestEndTime              time.Time    `json:"digestEndTime"`
	DigestS3Bucket             string       `json:"digestS3Bucket"`
	DigestS3Object             string       `json:"digestS3Object"`
	DigestPublicKeyFingerprint string       `json:"digestPublicKeyFingerprint"`
	DigestSignatureAlgorithm   string       `json:"digestSignatureAlgorithm"`
	NewestEventTime            *time.Time   `json:"newestEventTime"` // nil for an hour without records
	OldestEventTime            *time.Time   `json:"oldestEventTime"`
	PreviousDigestS3Bucket     *string      `json:"previousDigestS3Bucket"` // nil for the first of a chain
	PreviousDigestS3Object     *string      `json:"previousDigestS3Object"`
	PreviousDigestHashValue    *string      `json:"previousDigestHashValue"` // hex
	PreviousDigestHashAlgo     *string      `json:"previousDigestHashAlgorithm"`
	PreviousDigestSignature    *string      `json:"previousDigestSignature"` // hex
	LogFiles                   []DigestFile `json:"logFiles"`
}

// DigestFile is one log file that a digest vouches for.
type DigestFile struct {
	S3Bucket        string    `json:"s3Bucket"`
	S3Object        string    `json:"s3Object"`
	HashValue       string    `json:"hashValue"` // hex, of the inflated file
	HashAlgorithm   string    `json:"hashAlgorithm"`
	NewestEventTime time.Time `json:"newestEventTime"`
	OldestEventTime time.Time `json:"oldestEventTime"`
}

// DecodeDigest reads a digest file's content. Unlike a record it has one
// author and one shape, so that a value of another type is an error.
func DecodeDigest(raw []byte) (*Digest, error) {
	d := &Digest{}
	if err := json.Unmarshal(raw, d); err != nil {
		return nil, fmt.Errorf("not a digest file: %w", err)
	}
	if d.AWSAccountID == "" || d.DigestS3Object == "" || d.DigestEndTime.IsZero() {
		return nil, fmt.Errorf("not a digest file: awsAccountId, digestEndTime or digestS3Object is missing")
	}
	return d, nil
}

// decodeDigest reports whether s is a digest at all, by a key that no record
// has, before it decodes it.
func decodeDigest(s string) (*Digest, bool, error) {
	if strings.HasPrefix(s, string(recordStart)) || !strings.Contains(s, `"digestStartTime"`) {
		return nil, false, nil
	}
	isDigest := false
	if i := skipSpace(s, 0); i < len(s) && s[i] == '{' {
		walkObject(s, i, 0, func(key string, _ JSON) {
			isDigest = isDigest || key == "digestStartTime"
		})
	}
	if !isDigest {
		return nil, false, nil
	}
	d, err := DecodeDigest([]byte(s))
	return d, true, err
}
