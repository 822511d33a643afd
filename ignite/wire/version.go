package wire

import (
	"cmp"
	"fmt"
)

// Version is a version of the thin client protocol (not of Ignite).
type Version struct {
	Major, Minor, Patch int16
}

// Version170 is the protocol version that this package writes and reads. It
// is the newest of Ignite 2.17 and 2.18; later additions are negotiated by
// [Features].
var Version170 = Version{Major: 1, Minor: 7, Patch: 0}

// version110 brought user name and password to the handshake.
var version110 = Version{Major: 1, Minor: 1, Patch: 0}

// String returns the version as "1.7.0".
func (v Version) String() string {
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
}

// Compare returns -1, 0 or 1 as v is older than, equal to or newer than o.
func (v Version) Compare(o Version) int {
	return cmp.Or(cmp.Compare(v.Major, o.Major), cmp.Compare(v.Minor, o.Minor), cmp.Compare(v.Patch, o.Patch))
}
