package main

import (
	"runtime"
	"strconv"
)

// threadsVariable bounds the cores that the Go runtime takes at once.
const threadsVariable = "KINDLING_THREADS"

// errThreads is what is wrong with the variable: every entry says so.
var errThreads = setThreads(getenv(threadsVariable))

// setThreads bounds the Go runtime to what text says; without it to half of the
// cores that the process may use. The other half is the caller's, and fewer
// threads wake each other less often: on two cores a batch of 1 MiB rows takes a
// tenth less CPU with one.
func setThreads(text string) error {
	n := max(runtime.GOMAXPROCS(0)/2, 1)
	if text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			return badArgument("%s is %q: a number of threads is wanted, 1 or more", threadsVariable, text)
		}
	}
	runtime.GOMAXPROCS(n)
	return nil
}
