package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/kindling-ml/kindling/ignite"
)

// What a Spec's zero values stand for.
const (
	// DefaultHost and DefaultPort are where a node is looked for.
	DefaultHost = "localhost"
	DefaultPort = 10800
	// AllPartitions as Part reads the whole cache.
	AllPartitions = -1
	// DefaultLanes is the number of partitions that are read at once, on all nodes together
	// where that is more than DefaultLanesPerNode for each of them.
	DefaultLanes = 8
	// DefaultLanesPerNode is how many there are at least on each node.
	DefaultLanesPerNode = 4
	// DefaultQuantumRows is the number of rows that are taken from a lane in turn; of small
	// rows there are more, and large ones are taken one by one.
	DefaultQuantumRows = 4
	// DefaultBufferBytes bounds the pages and batches read ahead: 256 MiB.
	DefaultBufferBytes = 256 << 20
	// DefaultIdleTimeout is how long an open reader waits for its next step
	// before Streams closes it.
	DefaultIdleTimeout = 30 * time.Second
	// DefaultRequestTimeout is how long a page may take: that of the client.
	DefaultRequestTimeout = ignite.DefaultRequestTimeout
	// RowsModeRows and RowsModeBytes bound a batch when BatchRows is 0.
	RowsModeRows  = 256
	RowsModeBytes = 1 << 20
)

// Spec says what to read and in which order. It goes through JSON and never
// holds a secret: CredentialsID names credentials that RegisterCredentials keeps
// in the memory of the process. Zero values stand for the defaults, except for
// Part.
type Spec struct {
	// Cache is the cache's name; an SQL table T has the cache SQL_PUBLIC_T.
	Cache string `json:"cache"`
	// Addresses are "host:port" of nodes. Empty means Host and Port.
	Addresses []string `json:"addresses,omitempty"`
	Host      string   `json:"host,omitempty"`
	Port      int      `json:"port,omitempty"`
	// Local reads only what one node holds as primary: the node at the first
	// address, or the one that a client of several nodes happens to ask.
	Local bool `json:"local,omitempty"`
	// Part is the one partition to read, AllPartitions (-1) for the whole cache.
	// It is -1 when it is absent from JSON.
	Part int `json:"part"`
	// Parts are the partitions to read, all when empty. Part comes first.
	Parts []int `json:"parts,omitempty"`
	// PageRows is the number of rows asked for at once; 0 learns it from the size
	// of the rows, for pages of about 512 KiB, 2 MiB of rows of 2 KiB and more, or three rows up to 3.25 MiB.
	PageRows int `json:"pageRows,omitempty"`
	// Lanes is the number of partitions read at once. The order of the rows depends
	// on it. 0 is DefaultLanes in all, DefaultLanesPerNode on each node at least, and fewer where
	// the rows are so large that the servers' heap would suffer; a Position keeps the number
	// it began with.
	Lanes int `json:"lanes,omitempty"`
	// QuantumRows is the number of rows taken from a lane before the next one's
	// turn. The order of the rows depends on it. 0 is DefaultQuantumRows, but 1 for rows of
	// 128 KiB and more, and 16 for rows below 512 bytes; a Position keeps the number it
	// began with.
	QuantumRows int `json:"quantumRows,omitempty"`
	// Schema describes the elements.
	Schema Schema `json:"schema"`
	// Fields are the paths of the fields to deliver, such as "key" and
	// "val.label"; all when empty.
	Fields []string `json:"fields,omitempty"`
	// Shapes are the dimensions of arrays by path: rows with another number of elements are
	// errors. They go before the Schema's, which must have as many elements.
	Shapes map[string][]int `json:"shapes,omitempty"`
	// Nulls is NullsError (also ""), NullsDefault or NullsKeep.
	Nulls string `json:"nulls,omitempty"`
	// Defaults are JSON values by path that take the place of null and of missing
	// fields.
	Defaults map[string]json.RawMessage `json:"defaults,omitempty"`
	// BatchRows is the number of rows in a batch: each has so many but the last.
	// 0 is rows mode: batches of up to RowsModeRows rows and about RowsModeBytes bytes, and
	// of twice as many with all arrays as long as the longest, unless one row has more;
	// with NullsKeep arrays are not counted so.
	BatchRows int `json:"batchRows,omitempty"`
	// DropRemainder drops the last batch when it is short of BatchRows.
	DropRemainder bool `json:"dropRemainder,omitempty"`
	// CredentialsID names registered credentials, "" the environment's or none.
	CredentialsID string `json:"credentialsId,omitempty"`
	// IdleTimeoutMillis is how long Streams keeps an idle reader.
	IdleTimeoutMillis int64 `json:"idleTimeoutMillis,omitempty"`
	// RequestTimeoutMillis is how long a page may take.
	RequestTimeoutMillis int64 `json:"requestTimeoutMillis,omitempty"`
	// BufferBytes bounds the pages and batches that are held, the one that the
	// consumer has in hand included; DefaultBufferBytes when 0. One batch, and the
	// page that it needs next, are always allowed.
	BufferBytes int64 `json:"bufferBytes,omitempty"`

	hash  *[sha256.Size]byte // of all but Part, set by Prepare
	owner *[sha256.Size]byte // of all, as it was in Prepare: whom Streams.Stats counts for
}

// ParseSpec reads a Spec from JSON; unknown members are errors.
func ParseSpec(b []byte) (Spec, error) {
	s := Spec{Part: AllPartitions}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return s, fmt.Errorf("dataset: spec: %w", err)
	}
	return s, s.Validate()
}

// Validate names every contradiction.
func (s *Spec) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("dataset: spec: "+format, args...)) }
	if s.Cache == "" {
		bad("cache is empty")
	}
	if s.Port < 0 || s.Port > 65535 {
		bad("port %d is not between 1 and 65535", s.Port)
	}
	if s.Part < AllPartitions {
		bad("part %d is neither a partition nor -1 for all", s.Part)
	}
	for _, p := range s.Parts {
		if p < 0 {
			bad("parts: %d is not a partition", p)
		}
	}
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"pageRows", int64(s.PageRows)},
		{"lanes", int64(s.Lanes)},
		{"quantumRows", int64(s.QuantumRows)},
		{"batchRows", int64(s.BatchRows)},
		{"idleTimeoutMillis", s.IdleTimeoutMillis},
		{"requestTimeoutMillis", s.RequestTimeoutMillis},
		{"bufferBytes", s.BufferBytes},
	} {
		if n.value < 0 {
			bad("%s is %d, less than 0", n.name, n.value)
		}
	}
	if s.DropRemainder && s.BatchRows == 0 {
		bad("dropRemainder needs batchRows")
	}
	switch s.Nulls {
	case "", NullsError, NullsDefault, NullsKeep:
	default:
		bad("nulls is %q, not one of error, default, keep", s.Nulls)
	}
	return errors.Join(errs...)
}

// Hash identifies the Spec: equal specs have equal hashes, in every process.
func (s *Spec) Hash() [sha256.Size]byte {
	h := s.hash
	if h == nil {
		prepared := *s
		prepared.Prepare()
		h = prepared.hash
	}
	return sha256.Sum256(binary.LittleEndian.AppendUint64(h[:], uint64(s.Part)))
}

// Prepare computes most of the hash once for all, which Streams needs in every
// step: worth it for a Spec that takes many steps. The Spec, or a copy of it,
// must not be changed afterwards, Part excepted, unless it is prepared again.
func (s *Spec) Prepare() {
	all := *s
	all.Part, all.hash, all.owner = 0, nil, nil
	b, err := json.Marshal(all)
	if err != nil { // only broken raw JSON in Defaults, which Open refuses
		b = fmt.Appendf(nil, "%+v", all)
	}
	h := sha256.Sum256(b)
	s.hash = &h
	own := s.Hash()
	s.owner = &own
}

// account is the hash that the readers of the Spec are counted under: a Part that
// was put in after Prepare counts for the Spec as it was.
func (s *Spec) account() [sha256.Size]byte {
	if s.owner != nil {
		return *s.owner
	}
	return s.Hash()
}

// Endpoints are the addresses to connect to, with the defaults filled in.
func (s *Spec) Endpoints() []string {
	if len(s.Addresses) > 0 {
		return s.Addresses
	}
	host, port := s.Host, s.Port
	if host == "" {
		host = DefaultHost
	}
	if port == 0 {
		port = DefaultPort
	}
	return []string{joinHostPort(host, port)}
}

// Elements is the schema of what the spec delivers: its Schema with the Shapes and Defaults
// put in, and without what Fields leaves out. The error is a *SchemaError.
func (s *Spec) Elements() (*Schema, error) {
	schema, err := s.Schema.withShapes(s.Shapes, s.Fields)
	if err == nil {
		schema, err = schema.withDefaults(s.Defaults)
	}
	if err == nil {
		schema, err = schema.Project(s.Fields)
	}
	if se := (*SchemaError)(nil); errors.As(err, &se) {
		se.Cache = s.Cache
	}
	return schema, err
}

// resolve fills in the defaults that the reader needs.
func (s *Spec) resolve() (Spec, error) {
	out := *s
	if err := s.Validate(); err != nil {
		return out, err
	}
	schema, err := s.Elements()
	if err != nil {
		return out, err
	}
	out.Schema = *schema
	out.BufferBytes = s.BufferLimit()
	return out, nil
}

func orDefault[T int | int64](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}

// BufferLimit is BufferBytes, or its default.
func (s *Spec) BufferLimit() int64 { return orDefault(s.BufferBytes, DefaultBufferBytes) }

// IdleTimeout is how long a reader or client that nobody asks for is kept.
func (s *Spec) IdleTimeout() time.Duration { return millis(s.IdleTimeoutMillis, DefaultIdleTimeout) }

// requestTimeout is how long a page may take.
func (s *Spec) requestTimeout() time.Duration {
	return millis(s.RequestTimeoutMillis, DefaultRequestTimeout)
}

func millis(ms int64, orElse time.Duration) time.Duration {
	if ms == 0 {
		return orElse
	}
	return time.Duration(ms) * time.Millisecond
}
