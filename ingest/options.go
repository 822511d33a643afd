package ingest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// ErrSchema is the errors.Is target of columns that cannot become entries: a key
// column that is missing, a type without a counterpart, a value that does not
// fit the type that the cache declares.
var ErrSchema = errors.New("ingest: columns do not fit")

// Options say how columns become entries. The zero value makes the row number
// the key (a long) and all columns one object.
//
// Arrow types become Ignite types like this: int8 byte, uint8 and int16 short,
// uint16 and int32 int, uint32, uint64 and int64 long, float16 and float32
// float, float64 double, bool boolean, utf8 String, binary byte[], date Date,
// time Time, timestamp Timestamp, decimal Decimal, a list of uint8 or int8
// byte[], a list of other numbers or booleans the array of its type, a list of
// strings String[], any other list an ArrayList, a struct a nested object, a
// dictionary the type of its values. A null is a null field.
type Options struct {
	// Key names the key columns: one is the key itself, several make a key object.
	Key []string
	// KeepKey leaves the key columns in the value too.
	KeepKey bool
	// KeyType is the type name of a key object; default: what the cache declares, else the cache's name + "Key".
	KeyType string
	// ValueType is the type name of the values; default: what the cache declares, else the cache's name.
	ValueType string
	// Plain makes the one value column the value itself instead of an object.
	Plain bool
	// Overwrite replaces the values of keys that exist; without it they stay as they are.
	Overwrite bool
	// FirstRow is the number of the first row, where the row number is the key.
	FirstRow int64
	// Progress is called after each batch with the rows sent so far. Nil is allowed.
	Progress func(rows int64)
}

// Result is what a load has sent.
type Result struct {
	Rows  int64
	Bytes int64 // encoded keys and values
}

// split finds the key and value columns of a schema.
func (o *Options) split(schema *arrow.Schema) (keys, values []int, err error) {
	for _, name := range o.Key {
		at := schema.FieldIndices(name)
		switch {
		case len(at) == 0:
			return nil, nil, fmt.Errorf("%w: no key column %q among %s", ErrSchema, name, columnNames(schema))
		case len(at) > 1:
			return nil, nil, fmt.Errorf("%w: %d columns are named %q", ErrSchema, len(at), name)
		}
		keys = append(keys, at[0])
	}
	seen := map[string]bool{}
	for i, f := range schema.Fields() {
		if !o.KeepKey && slices.Contains(keys, i) {
			continue
		}
		if seen[f.Name] {
			return nil, nil, fmt.Errorf("%w: two columns are named %q", ErrSchema, f.Name)
		}
		seen[f.Name] = true
		values = append(values, i)
	}
	if len(values) == 0 {
		return nil, nil, fmt.Errorf("%w: no column is left for the value; set KeepKey", ErrSchema)
	}
	if o.Plain && len(values) != 1 {
		return nil, nil, fmt.Errorf("%w: a plain value is one column, these are %d", ErrSchema, len(values))
	}
	return keys, values, nil
}

func columnNames(schema *arrow.Schema) string {
	names := make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		names[i] = f.Name
	}
	return fmt.Sprint(names)
}
