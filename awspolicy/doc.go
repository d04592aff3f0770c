// Package awspolicy holds IAM policy documents as Go values: it writes them
// as the JSON that AWS stores, reads any document that AWS accepts, and judges
// a request against them by AWS's documented evaluation logic.
//
// The package knows the policy language and nothing else: no Pulumi, no
// network, no clock and no account. What a request carries (its time, its
// source address, its tags) is given by the caller, so that the same question
// always has the same answer.
//
// Language: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
// Evaluation: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
package awspolicy
