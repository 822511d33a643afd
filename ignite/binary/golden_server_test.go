package binary

import (
	"bufio"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vector is one line of a recorded file: a name and bytes of a real server.
type vector struct {
	name string
	b    []byte
}

const recorded = "testdata/ignite-2.17.0"

// recordedFiles returns the recorded files by name without ".hex".
func recordedFiles(t *testing.T) map[string][]vector {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(recorded, "*.hex"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recorded vectors in %s (%v)", recorded, err)
	}
	files := make(map[string][]vector)
	for _, path := range paths {
		files[strings.TrimSuffix(filepath.Base(path), ".hex")] = readVectors(t, path)
	}
	return files
}

func readVectors(t testing.TB, path string) []vector {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []vector
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" && line[0] != '#' {
			name, digits, _ := strings.Cut(line, " ")
			b, err := hex.DecodeString(digits)
			if err != nil || len(b) == 0 {
				t.Fatalf("%s: %s: bad hex (%v)", path, name, err)
			}
			out = append(out, vector{name, b})
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s is empty", path)
	}
	return out
}

// recordedTypes is a Resolver over the recorded answers to OP_BINARY_TYPE_GET.
type recordedTypes map[int32]*Metadata

func (m recordedTypes) Metadata(typeID int32) (*Metadata, error) { return m[typeID], nil }

func readRecordedTypes(t *testing.T, vectors []vector) recordedTypes {
	t.Helper()
	out := recordedTypes{}
	for _, v := range vectors {
		r := NewReader(v.b)
		if !r.Bool() {
			t.Fatalf("%s: no metadata", v.name)
		}
		m := &Metadata{TypeID: r.Int32(), TypeName: r.Str(), AffinityKeyField: r.Str()}
		for n := r.Count(9); n > 0; n-- {
			m.Fields = append(m.Fields, FieldMeta{Name: r.Str(), Type: Type(r.Int32()), ID: r.Int32()})
		}
		if m.IsEnum = r.Bool(); m.IsEnum {
			for n := r.Count(5); n > 0; n-- {
				m.EnumValues = append(m.EnumValues, EnumValue{r.Str(), r.Int32()})
			}
		}
		for n := r.Count(8); n > 0; n-- {
			s := Schema{ID: r.Int32()}
			for k := r.Count(4); k > 0; k-- {
				s.FieldIDs = append(s.FieldIDs, r.Int32())
			}
			m.Schemas = append(m.Schemas, s)
		}
		if err := r.Finish(); err != nil {
			t.Fatalf("%s: %v", v.name, err)
		}
		out[m.TypeID] = m
	}
	return out
}

// TestRecordedValues decodes every value that a real server sent and encodes it again.
func TestRecordedValues(t *testing.T) {
	files := recordedFiles(t)
	types := readRecordedTypes(t, files["metadata"])
	delete(files, "metadata")
	for file, vectors := range files {
		for _, v := range vectors {
			t.Run(file+"/"+v.name, func(t *testing.T) {
				checkRoundTrip(t, v.b, nil)
				checkRoundTrip(t, v.b, types)
				checkTruncations(t, v.b)
			})
		}
	}
}

// checkRoundTrip decodes b in every way and encodes it again to the same bytes.
func checkRoundTrip(t *testing.T, b []byte, res Resolver) {
	t.Helper()
	r := NewReader(b)
	if raw := r.Raw(); r.Finish() != nil || len(raw) != len(b) {
		t.Fatalf("Raw stepped over %d of %d bytes: %v", len(raw), len(b), r.Err())
	}
	v, err := DecodeValue(b, res)
	if err != nil {
		t.Fatal(err)
	}
	again, err := AppendValue(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(b) {
		t.Errorf("encodes to\n  %x, not\n  %x\n%#v", again, b, v)
	}
	viaEncoder, err := (&Encoder{}).Append([]byte("x"), v)
	if err != nil || string(viaEncoder[1:]) != string(b) {
		t.Errorf("Encoder: %x, %v", viaEncoder, err)
	}
}

// checkTruncations wants an error for every prefix of b.
func checkTruncations(t *testing.T, b []byte) {
	t.Helper()
	for n := range b {
		cut := b[:n:n]
		r := NewReader(cut)
		if r.Raw(); r.Err() == nil {
			t.Errorf("Raw accepts %d of %d bytes", n, len(b))
		}
		r = NewReader(cut)
		if r.Value(); r.Err() == nil {
			t.Errorf("Value accepts %d of %d bytes", n, len(b))
		}
		if _, err := DecodeValue(cut, nil); err == nil {
			t.Errorf("DecodeValue accepts %d of %d bytes", n, len(b))
		}
		if _, err := ParseObject(cut); err == nil {
			t.Errorf("ParseObject accepts %d of %d bytes", n, len(b))
		}
		var into any
		if err := Unmarshal(cut, &into, nil); err == nil {
			t.Errorf("Unmarshal accepts %d of %d bytes", n, len(b))
		}
	}
}

// TestRecordedHashCodes compares HashCode with what Java's hashCode said about the key.
func TestRecordedHashCodes(t *testing.T) {
	vectors := readVectors(t, filepath.Join(recorded, "hashcodes.hex"))
	keys := make(map[string]Raw)
	for _, v := range vectors {
		if name, ok := strings.CutSuffix(v.name, ".key"); ok {
			keys[name] = v.b
		}
	}
	checked := 0
	for _, v := range vectors {
		name, ok := strings.CutSuffix(v.name, ".hash")
		if !ok {
			continue
		}
		want := NewReader(v.b).Value()
		if got := HashCode(keys[name]); got != want {
			t.Errorf("%s: hash code of %x is %d, Java says %v", name, []byte(keys[name]), got, want)
		}
		checked++
	}
	if checked != len(keys) || checked < 30 {
		t.Errorf("%d hash codes checked for %d keys", checked, len(keys))
	}
}

// TestRecordedMetadata computes type, field and schema ids and compares them with a
// server's.
func TestRecordedMetadata(t *testing.T) {
	types := readRecordedTypes(t, readVectors(t, filepath.Join(recorded, "metadata.hex")))
	for id, m := range types {
		if got := TypeID(m.TypeName); got != id {
			t.Errorf("TypeID(%q) = %d, want %d", m.TypeName, got, id)
		}
		for _, f := range m.Fields {
			if got := FieldID(f.Name); got != f.ID {
				t.Errorf("FieldID(%q) = %d, want %d", f.Name, got, f.ID)
			}
		}
		for _, s := range m.Schemas {
			if got := SchemaID(s.FieldIDs); got != s.ID {
				t.Errorf("%s: SchemaID(%v) = %d, want %d", m.TypeName, s.FieldIDs, got, s.ID)
			}
		}
	}
}
