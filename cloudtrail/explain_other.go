package cloudtrail

import "strconv"

// insight reads out an Insights record, which reports a rate and no call.
func (w *writer) insight() Explanation {
	e := Explanation{Outcome: NoCall}
	r := w.r
	d := r.Insight
	if d == nil {
		d = &InsightDetails{}
	}
	w.when()
	from := len(w.text)
	w.words("CloudTrail Insights")
	e.Who = string(w.text[from:])
	w.words(" ")
	from = len(w.text)
	switch d.State {
	case "Start":
		w.words("saw unusual activity begin")
	case "End":
		w.words("saw unusual activity end")
	default:
		w.words("saw unusual activity")
	}
	if r.RecipientAccountID != "" {
		w.words(" in account ")
		w.id("recipientAccountId", r.RecipientAccountID)
	}
	w.in()
	e.Did = string(w.text[from:])
	w.words(": ")
	errors := d.InsightType == "ApiErrorRateInsight"
	switch {
	case errors:
		w.words("errors")
		if d.ErrorCode != "" {
			w.words(" ")
			w.id("insightDetails.errorCode", d.ErrorCode)
		}
		w.words(" of ")
	case d.InsightType == "ApiCallRateInsight":
		w.words("calls of ")
	default:
		w.words("the rate of ")
	}
	if d.EventName == "" {
		w.words("an API that the record does not name")
	} else {
		w.id("insightDetails.eventName", d.EventName)
	}
	if d.EventSource != "" {
		w.words(" (")
		w.id("insightDetails.eventSource", d.EventSource)
		w.words(")")
	}
	if d.Average != "" {
		w.words(" came to ")
		w.id("insightDetails.insightContext.statistics.insight.average", d.Average)
		w.words(" a minute on average")
		if d.Baseline != "" {
			w.words(", against a baseline of ")
			w.id("insightDetails.insightContext.statistics.baseline.average", d.Baseline)
			w.words(" a minute")
			if d.BaselineDuration != "" {
				w.words(" over ")
				w.id("insightDetails.insightContext.statistics.baselineDuration", d.BaselineDuration)
				w.words(" minutes")
			}
		}
	} else {
		w.words(" was unusual")
	}
	w.words(".")
	if d.State == "End" && d.Duration != "" {
		w.words(" It lasted ")
		w.id("insightDetails.insightContext.statistics.insightDuration", d.Duration)
		w.words(" minutes.")
	}
	w.attributed(d)
	e.Text = string(w.text)
	e.Facts = w.facts
	return e
}

// attributed names the identity that heads the list, which is in descending order.
func (w *writer) attributed(d *InsightDetails) {
	done := false
	d.Context.each([]string{"attributions"}, func(a JSON) bool {
		if of, _ := a.Text("attribute"); of != "userIdentityArn" || done {
			return true
		}
		if who, ok := a.Text("insight", "value"); ok {
			w.words(" The identity seen most was ")
			w.id("insightDetails.insightContext.attributions.insight.value", who)
			w.words(".")
			done = true
		}
		return true
	})
}

// ExplainDigest reads out what a digest file says of an hour's log files. It
// does not check it.
func ExplainDigest(d *Digest) Explanation {
	e := Explanation{Outcome: NoCall}
	if d == nil {
		e.Text = "There is no digest."
		return e
	}
	w := &writer{r: &Record{}}
	const layout = "2006-01-02T15:04:05Z"
	w.words("This digest file of account ")
	w.id("awsAccountId", d.AWSAccountID)
	w.words(" covers what CloudTrail delivered ")
	w.time("digestStartTime", d.DigestStartTime.UTC().Format(layout), d.DigestStartTime, "from ")
	w.time("digestEndTime", d.DigestEndTime.UTC().Format(layout), d.DigestEndTime, " to ")
	w.words(": ")
	switch n := len(d.LogFiles); n {
	case 0:
		w.words("no log file")
	case 1:
		w.words("one log file, ")
		w.id("logFiles.s3Object", d.LogFiles[0].S3Object)
	default:
		w.words(strconv.Itoa(n), " log files")
	}
	if d.OldestEventTime != nil && d.NewestEventTime != nil {
		w.time("oldestEventTime", d.OldestEventTime.UTC().Format(layout), *d.OldestEventTime, ", with events ")
		w.time("newestEventTime", d.NewestEventTime.UTC().Format(layout), *d.NewestEventTime, " to ")
	}
	w.words(". It ")
	switch {
	case d.PreviousDigestS3Object == nil || *d.PreviousDigestS3Object == "":
		w.words("names no digest before it")
	default:
		w.words("follows ")
		w.id("previousDigestS3Object", *d.PreviousDigestS3Object)
	}
	if d.DigestPublicKeyFingerprint != "" {
		w.words(" and is to be checked with public key ")
		w.id("digestPublicKeyFingerprint", d.DigestPublicKeyFingerprint)
	}
	w.words(". Whether file and signature fit is not said by the file itself.")
	e.Text = string(w.text)
	e.Facts = w.facts
	return e
}
