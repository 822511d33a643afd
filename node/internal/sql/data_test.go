package sql

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

var rewrite = flag.Bool("rewrite", false, "write what the engine answers into testdata")

// TestData runs the statements of testdata/*.txt against one engine for each file. A line "> statement" is followed by
// what it answers: the columns in brackets and the rows, or "! " and the error. "#cache NAME" shows a cache's
// configuration. The files read like a session with a real Ignite, from which most of the answers were taken.
func TestData(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			store := newMemoryStore()
			engine := New(store)
			defer engine.Close()
			got := runFile(t, engine, store, want)
			if *rewrite {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			compareLines(t, string(want), string(got))
		})
	}
}

func compareLines(t *testing.T, want, got string) {
	t.Helper()
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	statement := ""
	for i := range max(len(w), len(g)) {
		var a, b string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if strings.HasPrefix(a, "> ") {
			statement = a
		}
		if a != b {
			t.Fatalf("line %d, %s\nwant: %s\ngot:  %s", i+1, statement, a, b)
		}
	}
}

func runFile(t *testing.T, e *Engine, store *memoryStore, in []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	lines := bufio.NewScanner(bytes.NewReader(in))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "> "):
			fmt.Fprintln(&out, line)
			show(&out, e, store, strings.TrimPrefix(line, "> "))
		case strings.HasPrefix(line, "#cache "):
			fmt.Fprintln(&out, line)
			showCache(&out, store, strings.TrimPrefix(line, "#cache "))
		case strings.HasPrefix(line, "--"), line == "":
			fmt.Fprintln(&out, line)
		}
	}
	return out.Bytes()
}

var generated = regexp.MustCompile(`_[0-9a-f]{8}_[0-9a-f]{4}_4[0-9a-f]{3}_[0-9a-f]{4}_[0-9a-f]{12}`)

func show(out *bytes.Buffer, e *Engine, store *memoryStore, sql string) {
	var b bytes.Buffer
	res, err := e.Execute(context.Background(), Query{SQL: sql})
	if err == nil {
		defer res.Close()
		fmt.Fprintf(&b, "[%s]\n", strings.Join(res.Columns, ", "))
		for err == nil {
			var row []binary.Raw
			if row, err = res.Next(); err != nil {
				break
			}
			parts := make([]string, len(row))
			for i, raw := range row {
				parts[i] = valueText(raw, store)
			}
			fmt.Fprintf(&b, "  %s\n", strings.Join(parts, ", "))
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		fmt.Fprintf(&b, "! %v\n", err)
	}
	out.Write(generated.ReplaceAll(b.Bytes(), []byte("_<uuid>")))
}

// valueText writes a value with the simple name of its Java class.
func valueText(raw binary.Raw, store *memoryStore) string {
	v, err := binary.DecodeValue(raw, store)
	if err != nil {
		return err.Error()
	}
	return anyText(v)
}

func anyText(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case int8:
		return fmt.Sprintf("Byte:%d", x)
	case int16:
		return fmt.Sprintf("Short:%d", x)
	case int32:
		return fmt.Sprintf("Integer:%d", x)
	case int64:
		return fmt.Sprintf("Long:%d", x)
	case float32:
		return "Float:" + javaDouble(float64(x), 32)
	case float64:
		return "Double:" + javaDouble(x, 64)
	case bool:
		return fmt.Sprintf("Boolean:%t", x)
	case string:
		return "String:" + x
	case uuid.UUID:
		return "UUID:" + x.String()
	case *apd.Decimal:
		return "BigDecimal:" + x.Text('f')
	case []byte:
		return "byte[]:" + strings.ReplaceAll(fmt.Sprint(x), " ", ", ")
	case binary.SQLDate:
		return "Date:" + textDate(x.Time())
	case binary.Date:
		return "UtilDate:" + textTimestamp(x.Time())
	case binary.TimeOfDay:
		return "Time:" + textTimeOfDay(x.Duration())
	case time.Time:
		return "Timestamp:" + showTimestamp(x)
	case *binary.Object:
		var parts []string
		for _, f := range x.Fields {
			parts = append(parts, f.Name+"="+anyText(f.Value))
		}
		return "BinaryObject:" + x.TypeName + " [" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprintf("%T:%v", v, v)
}

func showCache(out *bytes.Buffer, store *memoryStore, name string) {
	c, ok := store.CacheConfiguration(name)
	if !ok {
		fmt.Fprintln(out, "  none")
		return
	}
	var b bytes.Buffer
	backups := fmt.Sprint(c.Backups)
	fmt.Fprintf(&b, "  mode=%s atomicity=%s backups=%s writeSync=%s group=%q schema=%s escapeAll=%t keys=%v\n",
		c.Mode, c.Atomicity, backups, c.WriteSync, c.GroupName, c.SQLSchema, c.SQLEscapeAll, c.KeyConfigurations)
	for _, e := range c.QueryEntities {
		fmt.Fprintf(&b, "  table=%s key=%s value=%s keyField=%q valueField=%q indexes=%v\n", e.TableName, e.KeyType, e.ValueType, e.KeyField, e.ValueField, indexText(e.Indexes))
		for _, f := range e.Fields {
			def := ""
			if len(f.Default) > 0 {
				def = " default=" + valueText(f.Default, store)
			}
			fmt.Fprintf(&b, "    %s %s key=%t notNull=%t precision=%d scale=%d%s\n", f.Name, f.TypeName, f.IsKey, f.NotNull, f.Precision, f.Scale, def)
		}
	}
	out.Write(generated.ReplaceAll(b.Bytes(), []byte("_<uuid>")))
}

func indexText(list []wire.QueryIndex) []string {
	var all []string
	for _, x := range list {
		s := x.Name + "("
		for _, f := range x.Fields {
			s += fmt.Sprintf(" %s desc=%t", f.Name, f.Descending)
		}
		all = append(all, s+" )")
	}
	return all
}
