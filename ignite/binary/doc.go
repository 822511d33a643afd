// Package binary reads and writes Ignite's binary format: every type code of Ignite 2.17,
// both directions. It does no I/O and knows nothing of the messages around the values.
//
// There are three ways in, from the bytes upwards:
//
//   - [Reader], [Writer] and [Raw] step through encoded values without decoding them;
//     [ObjectView] finds the fields of an object without allocating;
//   - [Reader.Value], [DecodeValue] and [AppendValue] turn one value into the Go value of
//     the table below and back, byte for byte;
//   - [Unmarshal] and [Encoder] map objects to Go structs and back.
//
// The smallest use:
//
//	b, err := new(binary.Encoder).Append(nil, Kitten{Name: "Mia", Age: 3})
//	var k Kitten
//	err = binary.Unmarshal(b, &k, nil)
//
// # Go values
//
//	byte short int long          1 2 3 4      int8 int16 int32 int64
//	float double                 5 6          float32 float64
//	char boolean                 7 8          Char bool
//	String UUID                  9 10         string uuid.UUID
//	Date Time                    11 36        Date TimeOfDay (milliseconds)
//	Timestamp                    33           time.Time (UTC, nanoseconds)
//	BigDecimal                   30           *apd.Decimal
//	byte[]                       12           []byte
//	short[] int[] long[]         13 14 15     []int16 []int32 []int64
//	float[] double[]             16 17        []float32 []float64
//	char[] boolean[]             18 19        []Char []bool
//	String[] UUID[] Date[]       20 21 22     []*string []*uuid.UUID []*Date
//	Timestamp[] Time[]           34 37        []*time.Time []*TimeOfDay
//	BigDecimal[]                 31           []*apd.Decimal
//	Object[] Collection Map      23 24 25     *ObjectArray *Collection *Map
//	enum, enum at top level      28 38        Enum BinaryEnum
//	enum[]                       29           *EnumArray
//	Class Proxy                  32 35        Class *Proxy
//	java.sql.Date                254          SQLDate
//	other Java serialization     254          Opaque
//	complex object               103, 27      *Object
//	null                         101          nil
//
// A handle (102) is not a value of its own: it decodes to the value that it stands for,
// the same pointer again, and a pointer that is encoded twice becomes a handle.
//
// Nothing here panics on foreign bytes, recurses without limit, or allocates more than
// a fixed multiple of the bytes that are there.
package binary
