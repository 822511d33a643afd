package wire

import (
	"testing"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// queryEntityMessage lets checkBody hold an entity against its bytes.
type queryEntityMessage struct{ entity QueryEntity }

func (m *queryEntityMessage) Encode(w *binary.Writer, _ Features) { putQueryEntity(w, m.entity) }
func (m *queryEntityMessage) Decode(r *binary.Reader, _ Features) { m.entity = readQueryEntity(r) }

func TestQueryEntity(t *testing.T) {
	checkBody(t, 0, &queryEntityMessage{QueryEntity{
		KeyType: "k", ValueType: "v", TableName: "T", KeyField: "i",
		Fields: []QueryField{
			{Name: "i", TypeName: "L", IsKey: true, NotNull: true, Precision: -1, Scale: -1},
			{Name: "d", TypeName: "D", Default: value(t, true), Precision: 10, Scale: 2},
		},
		Aliases: []QueryAlias{{Field: "d", Alias: "A"}},
		Indexes: []QueryIndex{{Name: "x", Type: QueryIndexFulltext, InlineSize: -1, Fields: []QueryIndexField{{Name: "d", Descending: true}}}},
	}}, &queryEntityMessage{}, `
		09 01000000 6b                   # key type
		09 01000000 76                   # value type
		09 01000000 54                   # table
		09 01000000 69                   # key field
		65                               # no value field
		02000000                         # 2 fields
		09 01000000 69 09 01000000 4c    # i: L
		01 01 65 ffffffff ffffffff       # key, not null, no default, no precision, no scale
		09 01000000 64 09 01000000 44    # d: D
		00 00 08 01 0a000000 02000000    # default true, precision 10, scale 2
		01000000                         # 1 alias
		09 01000000 64 09 01000000 41    # d is A
		01000000                         # 1 index
		09 01000000 78 01 ffffffff       # x, full text, no inline size
		01000000 09 01000000 64 01       # d descending`)
}

// The table of CREATE TABLE in a real server's cache configuration.
func TestQueryEntityOfATable(t *testing.T) {
	var p CacheGetConfigurationResponse
	goldenResponse(t, "sql.hex/sql_cache_configuration", &p)
	if len(p.Config.QueryEntities) != 1 {
		t.Fatalf("%d query entities, want 1", len(p.Config.QueryEntities))
	}
	e := p.Config.QueryEntities[0]
	if e.KeyType != "java.lang.Integer" || e.ValueType != "City" || e.TableName != "CITY" || e.KeyField != "ID" {
		t.Errorf("entity %+v", e)
	}
	fields := map[string]QueryField{}
	for _, f := range e.Fields {
		fields[f.Name] = f
	}
	if f := fields["NAME"]; f.TypeName != "java.lang.String" || !f.NotNull || f.Precision != 40 {
		t.Errorf("NAME is %+v", f)
	}
	if f := fields["AREA"]; f.TypeName != "java.math.BigDecimal" || f.Default.Type() != binary.TypeDecimal || f.Precision != 10 || f.Scale != 2 {
		t.Errorf("AREA is %+v", f)
	}
	if f := fields["FOUNDED"]; f.TypeName != "java.sql.Date" || f.NotNull {
		t.Errorf("FOUNDED is %+v", f)
	}
}
