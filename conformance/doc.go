// Package conformance is one suite of tests that says what an Ignite server does, run
// against the embedded node and against a real Apache Ignite. What holds for one must
// hold for the other; where they may differ, the difference is a [Quirk] with a name.
//
//	func TestConformance(t *testing.T) {
//		conformance.Run(t, conformance.Target{Server: ignitetest.Embedded(t)})
//	}
//
// The suite goes through package ignite, so that it tests the client as well.
package conformance
