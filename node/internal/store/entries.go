package store

// Mode says what Write does where a key already has a value.
type Mode uint8

const (
	// Overwrite replaces values; a row with a nil value removes its key.
	Overwrite Mode = iota
	// Absent leaves existing values alone; a row with a nil value is ignored.
	Absent
)

// Row is an entry to write.
type Row struct {
	Key   Key
	Value []byte // nil removes
}

// Change is the outcome of an Update function.
type Change struct {
	Write bool   // false leaves the entry as it is
	Value []byte // with Write: the new value, nil removes
}

func difference(had, has bool) int64 {
	switch {
	case had && !has:
		return -1
	case !had && has:
		return 1
	}
	return 0
}
