package conformance_test

// sqlDifferences are the statements of testdata/sql that the embedded node answers in
// another way than a real Ignite, as "file: statement [parameters]", each with the reason.
var sqlDifferences = map[string]string{}
