// Package ignitetest starts servers that speak Ignite's thin protocol for tests and
// programs: the embedded node of package node in this process, or a real Apache Ignite
// from Maven Central in a process of its own.
//
// The smallest use:
//
//	func TestRows(t *testing.T) {
//		srv := ignitetest.Embedded(t) // or ignitetest.Real(t)
//		c := srv.Client(t)            // an *ignite.Client, closed when the test ends
//		...
//	}
//
// Everything listens on 127.0.0.1 and on free ports. A real Ignite needs Java 17 or
// newer, and Maven once to fill the cache of jars; the environment variable
// KINDLING_IGNITE says what its absence means: "require" makes it a failure, "off"
// skips the test always, and unset runs the test where Java is and skips it, with the
// reason, where it is not.
//
// A plain [Real] is shared by all tests of a binary, because a start takes seconds:
// tests must use caches of their own names. It ends with [Main], or at the latest
// with the test binary: a node never outlives the program that started it.
package ignitetest
