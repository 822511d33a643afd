package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// KeyConfiguration names the field of a key type that decides its partition
// (Ignite's CacheKeyConfiguration).
type KeyConfiguration struct{ TypeName, AffinityKeyField string }

// QueryEntity makes a cache's entries a table (Ignite's QueryEntity).
type QueryEntity struct {
	KeyType, ValueType string // Java class or binary type names
	TableName          string
	KeyField           string // name of the column that is the whole key, "" for none
	ValueField         string // name of the column that is the whole value, "" for none
	Fields             []QueryField
	Aliases            []QueryAlias
	Indexes            []QueryIndex
}

// QueryField is a column of a [QueryEntity].
type QueryField struct {
	Name     string
	TypeName string // Java class name, such as "java.lang.Long"
	IsKey    bool   // part of the key object
	NotNull  bool
	Default  binary.Raw // encoded default value; nil for none
	// Precision and Scale of a decimal, precision of a string; -1 for not
	// stated. The zero values are sent as they are.
	Precision, Scale int32
}

// QueryAlias gives a field its column name.
type QueryAlias struct{ Field, Alias string }

// QueryIndex is an index of a [QueryEntity].
type QueryIndex struct {
	Name       string
	Type       QueryIndexType
	InlineSize int32 // -1 for from the columns
	Fields     []QueryIndexField
}

// QueryIndexField is a field of an index with its direction.
type QueryIndexField struct {
	Name       string
	Descending bool
}

// QueryIndexType is the kind of an index, as in Ignite's QueryIndexType.
type QueryIndexType uint8

// The kinds of index.
const (
	QueryIndexSorted     QueryIndexType = 0
	QueryIndexFulltext   QueryIndexType = 1
	QueryIndexGeospatial QueryIndexType = 2
)

// String returns Ignite's name of the kind.
func (t QueryIndexType) String() string {
	return enumName(int(t), "SORTED", "FULLTEXT", "GEOSPATIAL")
}

// The fewest bytes an element can have on the wire.
const (
	keyConfigurationMinBytes = 2
	queryEntityMinBytes      = 17
	queryFieldMinBytes       = 5
	queryAliasMinBytes       = 2
	queryIndexMinBytes       = 10
	queryIndexFieldMinBytes  = 2
)

func readKeyConfiguration(r *binary.Reader) KeyConfiguration {
	return KeyConfiguration{TypeName: r.Str(), AffinityKeyField: r.Str()}
}

func putKeyConfiguration(w *binary.Writer, k KeyConfiguration) {
	putStr(w, k.TypeName)
	putStr(w, k.AffinityKeyField)
}

func readQueryEntity(r *binary.Reader) QueryEntity { return readEntity(r, readQueryField) }

// readQueryEntityBefore120 is readQueryEntity with [LayoutBefore120].
func readQueryEntityBefore120(r *binary.Reader) QueryEntity { return readEntity(r, readQueryColumn) }

func readEntity(r *binary.Reader, field func(*binary.Reader) QueryField) QueryEntity {
	return QueryEntity{
		KeyType:    r.Str(),
		ValueType:  r.Str(),
		TableName:  r.Str(),
		KeyField:   r.Str(),
		ValueField: r.Str(),
		Fields:     readList(r, queryFieldMinBytes, field),
		Aliases:    readList(r, queryAliasMinBytes, readQueryAlias),
		Indexes:    readList(r, queryIndexMinBytes, readQueryIndex),
	}
}

func putQueryEntity(w *binary.Writer, e QueryEntity) { putEntity(w, e, putQueryField) }

func putQueryEntityBefore120(w *binary.Writer, e QueryEntity) { putEntity(w, e, putQueryColumn) }

func putEntity(w *binary.Writer, e QueryEntity, field func(*binary.Writer, QueryField)) {
	for _, s := range []string{e.KeyType, e.ValueType, e.TableName, e.KeyField, e.ValueField} {
		putStr(w, s)
	}
	putList(w, e.Fields, field)
	putList(w, e.Aliases, putQueryAlias)
	putList(w, e.Indexes, putQueryIndex)
}

func readQueryField(r *binary.Reader) QueryField {
	f := readQueryColumn(r)
	f.Precision, f.Scale = r.Int32(), r.Int32()
	return f
}

// readQueryColumn reads what all layouts have of a field.
func readQueryColumn(r *binary.Reader) QueryField {
	return QueryField{
		Name:      r.Str(),
		TypeName:  r.Str(),
		IsKey:     r.Bool(),
		NotNull:   r.Bool(),
		Default:   readOptValue(r),
		Precision: -1,
		Scale:     -1,
	}
}

func putQueryField(w *binary.Writer, f QueryField) {
	putQueryColumn(w, f)
	w.PutInt32(f.Precision)
	w.PutInt32(f.Scale)
}

func putQueryColumn(w *binary.Writer, f QueryField) {
	putStr(w, f.Name)
	putStr(w, f.TypeName)
	w.PutBool(f.IsKey)
	w.PutBool(f.NotNull)
	w.PutRaw(f.Default)
}

func readQueryAlias(r *binary.Reader) QueryAlias {
	return QueryAlias{Field: r.Str(), Alias: r.Str()}
}

func putQueryAlias(w *binary.Writer, a QueryAlias) {
	putStr(w, a.Field)
	putStr(w, a.Alias)
}

func readQueryIndex(r *binary.Reader) QueryIndex {
	return QueryIndex{
		Name:       r.Str(),
		Type:       QueryIndexType(r.Uint8()),
		InlineSize: r.Int32(),
		Fields: readList(r, queryIndexFieldMinBytes, func(r *binary.Reader) QueryIndexField {
			return QueryIndexField{Name: r.Str(), Descending: r.Bool()}
		}),
	}
}

func putQueryIndex(w *binary.Writer, x QueryIndex) {
	putStr(w, x.Name)
	w.PutUint8(uint8(x.Type))
	w.PutInt32(x.InlineSize)
	putList(w, x.Fields, func(w *binary.Writer, f QueryIndexField) {
		putStr(w, f.Name)
		w.PutBool(f.Descending)
	})
}
