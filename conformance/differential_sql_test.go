package conformance_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/ignitetest"
)

// TestDifferentialSQL sends the statements of testdata/sql to both servers and compares the
// answers one by one: types and values of all rows, the number of changed rows, or the
// status of the error. What differs must stand in sqlDifferences, and what stands there
// must differ.
//
// A file begins with its tables. A statement ends with a semicolon at the end of a line; a
// line that begins with "--" is for the reader, but for
//
//	-- args: double NaN, uuid 00000000-0000-0000-0000-000000000001
//
// which gives the next statement its parameters. Rows are compared in their order where
// the statement has an ORDER BY, else sorted.
func TestDifferentialSQL(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	files, err := filepath.Glob(filepath.Join("testdata", "sql", "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no statements: %v", err)
	}
	node, real := ignitetest.Embedded(t).Client(t), ignitetest.Real(t).Client(t)
	listed := make(map[string]bool)
	for _, file := range files {
		topic := strings.TrimSuffix(filepath.Base(file), ".sql")
		t.Run(topic, func(t *testing.T) {
			for _, s := range readStatements(t, file) {
				got, want := s.answer(ctx, node), s.answer(ctx, real)
				name := topic + ": " + s.name()
				reason, known := sqlDifferences[name]
				listed[name] = true
				switch {
				case got.text != want.text && !known:
					t.Errorf("%s\n  gives    %s\n  a real Ignite gives %s", s.name(), got, want)
				case got.text == want.text && known:
					t.Errorf("%s\n  is listed as a difference (%s), and both give %s", s.name(), reason, got)
				}
			}
		})
	}
	for name := range sqlDifferences {
		if !listed[name] {
			t.Errorf("sqlDifferences lists %q, which is no statement", name)
		}
	}
}

// sqlStatement is one statement of a file with its parameters.
type sqlStatement struct {
	text, args string
	params     []any
}

// name is the statement on one line, with its parameters behind it.
func (s sqlStatement) name() string {
	name := strings.Join(strings.Fields(s.text), " ")
	if s.args != "" {
		name += " [" + s.args + "]"
	}
	return name
}

func readStatements(t *testing.T, file string) []sqlStatement {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []sqlStatement
	var s sqlStatement
	for _, line := range strings.Split(string(text), "\n") {
		if args, ok := strings.CutPrefix(line, "-- args: "); ok {
			s.args = args
			s.params = readParams(t, args)
			continue
		}
		if strings.HasPrefix(line, "--") || strings.TrimSpace(line) == "" && s.text == "" {
			continue
		}
		s.text += line + "\n"
		if body, ok := strings.CutSuffix(strings.TrimSpace(s.text), ";"); ok {
			s.text = body
			all = append(all, s)
			s = sqlStatement{}
		}
	}
	if s.text != "" {
		t.Fatalf("%s: the last statement has no semicolon: %s", file, s.text)
	}
	return all
}

// readParams reads "type value, type value"; the types are Ignite's names in Go's words.
func readParams(t *testing.T, text string) []any {
	t.Helper()
	var params []any
	for _, part := range strings.Split(text, ", ") {
		kind, value, _ := strings.Cut(part, " ")
		v, err := readParam(kind, value)
		if err != nil {
			t.Fatalf("parameter %q: %v", part, err)
		}
		params = append(params, v)
	}
	return params
}

func readParam(kind, value string) (any, error) {
	bits := map[string]int{"byte": 8, "short": 16, "int": 32, "long": 64}[kind]
	if bits > 0 {
		n, err := strconv.ParseInt(value, 10, bits)
		return map[int]any{8: int8(n), 16: int16(n), 32: int32(n), 64: n}[bits], err
	}
	switch kind {
	case "null":
		return nil, nil
	case "bool":
		return strconv.ParseBool(value)
	case "string":
		return value, nil
	case "float":
		f, err := strconv.ParseFloat(value, 32)
		return float32(f), err
	case "double":
		return strconv.ParseFloat(value, 64)
	case "decimal":
		d, _, err := apd.NewFromString(value)
		return d, err
	case "uuid":
		return uuid.Parse(value)
	case "bytes":
		return hex.DecodeString(value)
	}
	return nil, errors.New("no such type of parameters")
}

// sqlAnswer is what a server answers; text is what is compared.
type sqlAnswer struct {
	text string
	err  error
}

// String is for a person: an error with its message.
func (a sqlAnswer) String() string {
	if a.err != nil {
		first, _, _ := strings.Cut(a.err.Error(), "\n")
		return a.text + " (" + first + ")"
	}
	return a.text
}

func (s sqlStatement) answer(ctx context.Context, c *ignite.Client) sqlAnswer {
	rows, err := c.Query(ctx, ignite.SQL{Statement: s.text, Args: s.params})
	if err != nil {
		return failed(err)
	}
	var lines []string
	for row, err := range rows.All() {
		if err != nil {
			return failed(err)
		}
		values := make([]string, len(row))
		for i, v := range row {
			values[i] = typed(v)
		}
		lines = append(lines, strings.Join(values, ", "))
	}
	if !strings.Contains(strings.ToUpper(s.text), "ORDER BY") {
		slices.Sort(lines)
	}
	return sqlAnswer{text: "[" + strings.Join(lines, " | ") + "]"}
}

func failed(err error) sqlAnswer {
	var status wire.Status
	if errors.As(err, &status) {
		return sqlAnswer{text: "error of status " + status.String(), err: err}
	}
	return sqlAnswer{text: fmt.Sprintf("error %T", err), err: err}
}

// typed writes a value with its type, so that 1 and 1.0 and '1' differ, and NaN and NaN do not.
func typed(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case *apd.Decimal:
		return fmt.Sprintf("decimal %de%d", negated(v), v.Exponent)
	case float64:
		return fmt.Sprintf("double %v (%x)", v, canonicalNaN(v))
	case string:
		return "string " + strconv.Quote(v)
	}
	return fmt.Sprintf("%T %v", v, v)
}

// negated is the coefficient with its sign.
func negated(d *apd.Decimal) *apd.BigInt {
	c := new(apd.BigInt).Set(&d.Coeff)
	if d.Negative {
		c.Neg(c)
	}
	return c
}

func canonicalNaN(f float64) uint64 {
	if math.IsNaN(f) {
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(f)
}

var createTable = regexp.MustCompile(`(?i)^CREATE TABLE (?:IF NOT EXISTS )?(\w+)`)

// TestDifferentialSQLTables: no two files make the same table, for they share the servers.
func TestDifferentialSQLTables(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "sql", "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	owner := make(map[string]string)
	for _, file := range files {
		for _, s := range readStatements(t, file) {
			m := createTable.FindStringSubmatch(s.text)
			if m == nil {
				continue
			}
			name := strings.ToUpper(m[1])
			if other := owner[name]; other != "" && other != file {
				t.Errorf("%s and %s both make the table %s", other, file, name)
			}
			owner[name] = file
		}
	}
}
