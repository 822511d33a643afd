// Package version holds the one version number that the library, the command
// line and the Python package share:
//
//	fmt.Println(version.Version)
package version

// Version is the release of Kindling, by semantic versioning. The Python
// package refuses a native library of another version.
const Version = "0.1.0"
