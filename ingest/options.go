package ingest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

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
// float, float64 double, bool boolean, utf8 String, binary byte[], date
// java.sql.Date, time Time, timestamp Timestamp, duration long in its own unit,
// decimal Decimal, arrow.uuid UUID, a list of uint8 or int8 byte[], a list of other numbers or booleans the array of its type, a list of
// strings String[], any other list an ArrayList, a struct a nested object, a
// dictionary the type of its values. A null is a null field.
type Options struct {
	// Key names the key columns, in any order: one is the key itself, several make a key
	// object, whose fields have the order that keys have in the cache.
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
	// Rename gives columns other names: new by old. All other options use the new ones.
	Rename map[string]string
	// Types are the types of columns: string, char, byte, short, int, long, float,
	// double, decimal, boolean, date (java.sql.Date), time, timestamp, uuid, and arrays
	// of them such as float[]. Text is parsed as that type.
	Types map[string]string
	// Progress is called after each batch. Nil is allowed.
	Progress func(Progress)
}

// Validate names what is wrong with the options, or contradicts itself.
func (o *Options) Validate() error {
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: "+format, append([]any{ErrSchema}, args...)...))
	}
	for _, column := range slices.Sorted(maps.Keys(o.Types)) {
		if _, err := classOfType(o.Types[column]); err != nil {
			errs = append(errs, fmt.Errorf("%w for column %q", err, column))
		}
	}
	names := map[string]string{}
	for _, old := range slices.Sorted(maps.Keys(o.Rename)) {
		name := o.Rename[old]
		if other, taken := names[name]; taken {
			wrong("columns %q and %q are both renamed to %q", other, old, name)
		}
		if name == "" || old == "" {
			wrong("column %q is renamed to %q: a name is missing", old, name)
		}
		names[name] = old
		if slices.Contains(o.Key, old) && !slices.Contains(slices.Collect(maps.Values(o.Rename)), old) {
			wrong("the key column %q is renamed to %q; name the key by that", old, name)
		}
	}
	if name := repeated(o.Key); name != "" {
		wrong("the key has column %q twice", name)
	}
	if len(o.Key) == 0 && o.KeepKey {
		wrong("no key column is named that could be kept in the value")
	}
	return errors.Join(errs...)
}

// Progress is how far a load has come.
type Progress struct {
	Path     string // of the file; empty where rows come from an Arrow reader
	Checking bool   // the files are being read for the types of their columns
	Rows     int64  // read so far, of all files
	Offset   int64  // bytes of the file read so far
	Bytes    int64  // of the file, or -1
}

// Result is what a load has done. Of the rows that were read, those whose keys were
// not in the cache are Stored. The others are Known: their keys had been there before,
// or came twice; the cache keeps the value it had, or with Overwrite takes the row's.
// Which of several rows with one key stays is not certain, as servers store them at
// the same time. The two are told by the size of the cache before and after, so others
// who write at the same time change them.
type Result struct {
	Rows   int64 // read and sent
	Stored int64
	Known  int64
	Bytes  int64 // encoded keys and values
}

// split finds the key and value columns of a schema.
func (o *Options) split(schema *arrow.Schema) (keys, values []int, err error) {
	for _, name := range slices.Sorted(maps.Keys(o.Types)) {
		if len(schema.FieldIndices(name)) == 0 {
			return nil, nil, fmt.Errorf("%w: a type is stated for %q, which is no column among %s", ErrSchema, name, columnNames(schema))
		}
	}
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
	seen := map[string]string{}
	for i, f := range schema.Fields() {
		if !o.KeepKey && slices.Contains(keys, i) {
			continue
		}
		if other, taken := seen[strings.ToLower(f.Name)]; taken {
			return nil, nil, sameField(other, f.Name)
		}
		seen[strings.ToLower(f.Name)] = f.Name
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

// sameField is the error of two columns that Ignite takes for one.
func sameField(a, b string) error {
	if a == b {
		return fmt.Errorf("%w: two columns are named %q", ErrSchema, a)
	}
	return fmt.Errorf("%w: columns %q and %q are one field to Ignite, which ignores case; rename one: --rename %s=%s_2", ErrSchema, a, b, b, b)
}

func columnNames(schema *arrow.Schema) string {
	names := make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		names[i] = f.Name
	}
	return fmt.Sprint(names)
}
