package sql

import (
	"math"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// tableOptions are the options of CREATE TABLE ... WITH.
type tableOptions struct {
	mode               wire.CacheMode
	atomicity          wire.AtomicityMode
	writeSync          wire.WriteSyncMode
	backups            int32
	cacheName, group   string
	dataRegion         string
	keyType, valueType string
	affinityKey        string
	wrapKey, wrapValue *bool
	parallelism        int32
	exactAffinity      bool
}

func errOption(format string, args ...any) error {
	return fail(CodeParsing, stateSyntax, format, args...)
}

// options reads the WITH clause as Ignite does, with its messages.
func (r *run) options(list []parse.Option) (*tableOptions, error) {
	o := &tableOptions{mode: wire.CacheModePartitioned, atomicity: wire.AtomicityAtomic, writeSync: wire.WriteSyncFullSync, parallelism: 1}
	seen := make(map[string]bool)
	for _, opt := range list {
		if opt.Name == "" {
			return nil, errOption("Invalid parameter (key[=value] expected): %s", opt.Text)
		}
		if seen[opt.Name] {
			return nil, errOption("Duplicate parameter: %s", opt.Text)
		}
		seen[opt.Name] = true
		set, ok := optionSetters[opt.Name]
		if !ok {
			return nil, errOption("Unsupported parameter: %s", opt.Name)
		}
		if opt.Value == "" {
			return nil, errOption("Parameter value cannot be empty: %s", opt.Name)
		}
		if err := set(o, opt); err != nil {
			return nil, err
		}
	}
	if o.mode == wire.CacheModeReplicated {
		o.backups = math.MaxInt32
	}
	switch {
	case o.keyType != "" && o.keyType == o.valueType:
		return nil, errOption("Key and value type names should be different for CREATE TABLE: %s", o.keyType)
	case o.wrapValue != nil && !*o.wrapValue && o.valueType != "":
		return nil, errOption("WRAP_VALUE cannot be false when VALUE_TYPE is set.")
	case o.wrapKey != nil && !*o.wrapKey && o.keyType != "":
		return nil, errOption("WRAP_KEY cannot be false when KEY_TYPE is set.")
	}
	return o, nil
}

func integerOption(opt parse.Option) (int32, error) {
	n, err := strconv.ParseInt(opt.Value, 10, 32)
	if err != nil {
		return 0, errOption("Parameter value must be an integer [name=%s, value=%s]", opt.Name, opt.Value)
	}
	if n < 0 {
		return 0, errOption("%q cannot be negative: %d", opt.Name, n)
	}
	return int32(n), nil
}

func flagOption(opt parse.Option) *bool {
	b := strings.EqualFold(opt.Value, "true")
	return &b
}

var optionSetters = map[string]func(*tableOptions, parse.Option) error{
	"TEMPLATE": func(o *tableOptions, opt parse.Option) error {
		switch strings.ToUpper(opt.Value) {
		case "PARTITIONED":
			o.mode = wire.CacheModePartitioned
		case "REPLICATED":
			o.mode = wire.CacheModeReplicated
		default:
			return fail(CodeUnknown, stateGeneral, "Cache doesn't exist: %s", opt.Value)
		}
		return nil
	},
	"BACKUPS": func(o *tableOptions, opt parse.Option) (err error) {
		o.backups, err = integerOption(opt)
		return err
	},
	"PARALLELISM": func(o *tableOptions, opt parse.Option) error {
		n, err := strconv.ParseInt(opt.Value, 10, 32)
		if err == nil && n <= 0 {
			return errOption("\"PARALLELISM\" must be positive: %d", n)
		}
		o.parallelism, err = integerOption(opt)
		return err
	},
	"ATOMICITY": func(o *tableOptions, opt parse.Option) error {
		switch strings.ToUpper(opt.Value) {
		case "ATOMIC":
			o.atomicity = wire.AtomicityAtomic
		case "TRANSACTIONAL":
			o.atomicity = wire.AtomicityTransactional
		default:
			return errOption("Invalid value of \"ATOMICITY\" parameter (should be either TRANSACTIONAL, ATOMIC): %s", opt.Value)
		}
		return nil
	},
	"WRITE_SYNCHRONIZATION_MODE": func(o *tableOptions, opt parse.Option) error {
		switch strings.ToUpper(opt.Value) {
		case "FULL_SYNC":
			o.writeSync = wire.WriteSyncFullSync
		case "FULL_ASYNC":
			o.writeSync = wire.WriteSyncFullAsync
		case "PRIMARY_SYNC":
			o.writeSync = wire.WriteSyncPrimarySync
		default:
			return errOption("Invalid value of \"WRITE_SYNCHRONIZATION_MODE\" parameter (should be FULL_SYNC, FULL_ASYNC, or PRIMARY_SYNC): %s", opt.Value)
		}
		return nil
	},
	"CACHE_NAME":  func(o *tableOptions, opt parse.Option) error { o.cacheName = opt.Value; return nil },
	"CACHE_GROUP": func(o *tableOptions, opt parse.Option) error { o.group = opt.Value; return nil },
	"DATA_REGION": func(o *tableOptions, opt parse.Option) error { o.dataRegion = opt.Value; return nil },
	"KEY_TYPE":    func(o *tableOptions, opt parse.Option) error { o.keyType = opt.Value; return nil },
	"VALUE_TYPE":  func(o *tableOptions, opt parse.Option) error { o.valueType = opt.Value; return nil },
	"WRAP_KEY":    func(o *tableOptions, opt parse.Option) error { o.wrapKey = flagOption(opt); return nil },
	"WRAP_VALUE":  func(o *tableOptions, opt parse.Option) error { o.wrapValue = flagOption(opt); return nil },
	"ENCRYPTED": func(_ *tableOptions, opt parse.Option) error {
		if *flagOption(opt) {
			return fail(CodeUnknown, stateGeneral, "ENCRYPTED=true needs an encryption SPI, which the embedded node does not have.")
		}
		return nil
	},
	"PK_INLINE_SIZE": func(_ *tableOptions, opt parse.Option) error {
		_, err := integerOption(opt)
		return err
	},
	"AFFINITY_INDEX_INLINE_SIZE": func(_ *tableOptions, opt parse.Option) error {
		_, err := integerOption(opt)
		return err
	},
	"AFFINITY_KEY": affinityOption,
	"AFFINITYKEY":  affinityOption,
}

// affinityOption takes the name of a column; in quotes its case matters.
func affinityOption(o *tableOptions, opt parse.Option) error {
	v := opt.Value
	if len(v) >= 2 && (v[0] == '\'' || v[0] == '"') && v[len(v)-1] == v[0] {
		o.affinityKey, o.exactAffinity = v[1:len(v)-1], true
		return nil
	}
	o.affinityKey = strings.ToUpper(v)
	return nil
}

// createTable makes the cache of a table, with the query entity that Ignite would give it.
func (r *run) createTable(s *parse.CreateTable) error {
	p := r.newPlanner()
	schema, err := p.ddlSchema(s.Table.Schema)
	if err != nil {
		return err
	}
	if err := r.checkColumns(s); err != nil {
		return err
	}
	opts, err := r.options(s.Options)
	if err != nil {
		return err
	}
	cfg, err := r.tableConfiguration(s, schema, opts)
	if err != nil {
		return err
	}
	if p.catalog.table(schema, s.Table.Name) != nil {
		if s.IfNotExists {
			return nil
		}
		return fail(CodeTableExists, stateSyntax, "Table already exists: %s", s.Table.Name)
	}
	if existing, ok := r.store.CacheConfiguration(cfg.Name); ok {
		if existing != nil && len(existing.QueryEntities) > 0 {
			return fail(CodeUnknown, stateGeneral, "Cache is already indexed: %s", cfg.Name)
		}
		return fail(CodeUnknown, stateGeneral, "Cache already exists: %s", cfg.Name)
	}
	return r.store.CreateCache(*cfg)
}

// ddlSchema is the schema of a DDL statement. Ignite has tables of SQL in PUBLIC only.
func (p *planner) ddlSchema(name string) (string, error) {
	if name == "" {
		name = p.schema
	}
	switch {
	case name == schemaSystem:
		return "", fail(CodeUnsupported, stateUnsupported, "DDL statements are not supported on %s schema", name)
	case !p.catalog.hasSchema(name):
		return "", errSchemaNotFound(p.sql, name)
	}
	return name, nil
}

func (r *run) checkColumns(s *parse.CreateTable) error {
	seen := make(map[string]bool)
	for _, c := range s.Columns {
		if c.Name == columnKey || c.Name == columnValue || c.Name == "_VER" {
			return errOption(messageHiddenColumns)
		}
		if seen[c.Name] {
			return errOption("Duplicate column name: %s", c.Name)
		}
		seen[c.Name] = true
		t, ok := typeByName(c.Type)
		if !ok {
			return queryError(r.sql, 50004, "Unknown data type: %q", c.Type.Name)
		}
		if t.precision >= 0 && t.scale > t.precision {
			return queryError(r.sql, 90051, "Scale($\"%d\") must not be bigger than precision(\"%d\")", t.scale, t.precision)
		}
	}
	if len(s.PrimaryKey) == 0 {
		return errOption(messageNoPrimaryKey)
	}
	inKey := make(map[string]bool)
	for _, k := range s.PrimaryKey {
		if !seen[k] {
			return errOption("PRIMARY KEY column is not defined: %s", k)
		}
		inKey[k] = true
	}
	if len(inKey) == len(seen) {
		return fail(CodeUnsupported, stateUnsupported, messageOnlyPrimaryKey)
	}
	return nil
}

// tableConfiguration is the configuration of the cache of a new table.
func (r *run) tableConfiguration(s *parse.CreateTable, schema string, o *tableOptions) (*wire.CacheConfiguration, error) {
	wrapKey := len(s.PrimaryKey) > 1
	if o.wrapKey != nil {
		if wrapKey && !*o.wrapKey {
			return nil, errOption(messageWrapKeyComposite)
		}
		wrapKey = *o.wrapKey
	}
	wrapValue := true
	if o.wrapValue != nil {
		if wrapValue = *o.wrapValue; !wrapValue && len(s.Columns)-len(s.PrimaryKey) > 1 {
			return nil, errOption(messageWrapValueMultiple)
		}
	}
	entity, err := r.queryEntity(s, schema, o, wrapKey, wrapValue)
	if err != nil {
		return nil, err
	}
	cfg := wire.CacheConfiguration{
		Name: o.cacheName, Mode: o.mode, Atomicity: o.atomicity, Backups: o.backups, WriteSync: o.writeSync,
		GroupName: o.group, DataRegionName: o.dataRegion, QueryParallelism: o.parallelism,
		SQLSchema: `"` + schema + `"`, SQLEscapeAll: true, QueryEntities: []wire.QueryEntity{*entity},
	}
	if cfg.Name == "" {
		cfg.Name = "SQL_" + schema + "_" + s.Table.Name
	}
	if err := r.affinity(&cfg, s, o, wrapKey); err != nil {
		return nil, err
	}
	cfg = cfg.WithDefaults()
	return &cfg, nil
}

// affinity adds the key configuration that names the affinity field of the key type.
func (r *run) affinity(cfg *wire.CacheConfiguration, s *parse.CreateTable, o *tableOptions, wrapKey bool) error {
	field := ""
	if wrapKey && len(s.PrimaryKey) == 1 {
		field = s.PrimaryKey[0]
	}
	if o.affinityKey != "" {
		name, err := affinityColumn(s, o)
		if err != nil {
			return err
		}
		field = name
	}
	if field == "" || !wrapKey {
		return nil
	}
	cfg.KeyConfigurations = []wire.KeyConfiguration{{TypeName: cfg.QueryEntities[0].KeyType, AffinityKeyField: field}}
	return nil
}

// affinityColumn finds the column that affinity_key names, which must be part of the key.
func affinityColumn(s *parse.CreateTable, o *tableOptions) (string, error) {
	match := func(name string) bool {
		return name == o.affinityKey || !o.exactAffinity && strings.EqualFold(name, o.affinityKey)
	}
	for _, c := range s.Columns {
		if !match(c.Name) {
			continue
		}
		for _, k := range s.PrimaryKey {
			if k == c.Name {
				return k, nil
			}
		}
		return "", errOption("Affinity key column must be one of key columns: %s", c.Name)
	}
	return "", errOption("Affinity key column with given name not found: %s", o.affinityKey)
}

func (r *run) queryEntity(s *parse.CreateTable, schema string, o *tableOptions, wrapKey, wrapValue bool) (*wire.QueryEntity, error) {
	typeName := "SQL_" + schema + "_" + s.Table.Name + "_" + strings.ReplaceAll(uuid.NewString(), "-", "_")
	e := &wire.QueryEntity{TableName: s.Table.Name, ValueType: typeName, KeyType: typeName + "_KEY"}
	if o.valueType != "" {
		e.ValueType = o.valueType
	}
	if o.keyType != "" {
		e.KeyType = o.keyType
	}
	inKey := make(map[string]bool)
	for _, k := range s.PrimaryKey {
		inKey[k] = true
	}
	for _, c := range s.Columns {
		f, err := r.queryField(c)
		if err != nil {
			return nil, err
		}
		switch {
		case inKey[c.Name] && wrapKey:
			f.IsKey = true
		case inKey[c.Name]:
			e.KeyField, e.KeyType = c.Name, f.TypeName
		case !wrapValue:
			e.ValueField, e.ValueType = c.Name, f.TypeName
		}
		e.Fields = append(e.Fields, f)
		e.Aliases = append(e.Aliases, wire.QueryAlias{Field: c.Name, Alias: c.Name})
	}
	return e, nil
}

// queryField is a column as a field of a query entity.
func (r *run) queryField(c parse.ColumnDef) (wire.QueryField, error) {
	t, ok := typeByName(c.Type)
	var err error
	if !ok {
		return wire.QueryField{}, queryError(r.sql, 50004, "Unknown data type: %q", c.Type.Name)
	}
	f := wire.QueryField{Name: c.Name, TypeName: t.className(), NotNull: c.NotNull, Precision: -1, Scale: -1}
	if t.precision > 0 {
		f.Precision = int32(t.precision)
		if t.kind == kindDecimal {
			f.Scale = int32(max(t.scale, 0))
		}
	}
	if c.Default != nil {
		f.Default, err = r.defaultValue(c, t)
	}
	return f, err
}

// defaultValue encodes the default of a column, which must be a constant of the column's kind.
func (r *run) defaultValue(c parse.ColumnDef, t dataType) (binary.Raw, error) {
	if !foldable(c.Default) {
		return nil, fail(CodeUnsupported, stateUnsupported, "Non-constant DEFAULT expressions are not supported [colName=%s]", c.Name)
	}
	v, constant, err := r.constantValue(c.Default)
	if err == nil && !constant {
		value := []any{nil}
		err = r.compute([]parse.Expr{c.Default}, []int{0}, value)
		v = value[0]
	}
	if err != nil {
		return nil, err
	}
	col := column{name: c.Name, typ: t}
	out, err := col.checked(v)
	_, text := v.(string)
	_, truth := v.(bool)
	if err != nil || v == nil || (text || truth) && t.numeric() || !text && t.text() {
		return nil, errOption("Invalid default value for column. [colName=%s, colType=%s, dfltValueType=%s]", c.Name, t.info().name, sqlTypeOf(v))
	}
	return binary.AppendValue(nil, out)
}

// sqlTypeOf names the SQL type of a decoded value.
func sqlTypeOf(v any) string {
	raw, err := binary.AppendValue(nil, v)
	if err != nil {
		return typeOf(kindUnknown).info().name
	}
	return typeByCode(raw).info().name
}

// foldable reports whether an expression is the same whenever it is computed: no call of the clock or of chance.
func foldable(e parse.Expr) bool {
	switch e := e.(type) {
	case *parse.Literal:
		return true
	case *parse.Unary:
		return foldable(e.X)
	case *parse.Binary:
		return foldable(e.L) && foldable(e.R)
	case *parse.Cast:
		return foldable(e.X)
	case *parse.Call:
		if volatileFunctions[e.Name] {
			return false
		}
		for _, a := range e.Args {
			if !foldable(a) {
				return false
			}
		}
		return true
	}
	return false
}

var volatileFunctions = map[string]bool{
	"CURRENT_TIMESTAMP": true, "NOW": true, "LOCALTIMESTAMP": true, "SYSTIMESTAMP": true, "CURRENT_DATE": true, "CURDATE": true,
	"SYSDATE": true, "TODAY": true, "CURRENT_TIME": true, "CURTIME": true, "SYSTIME": true, "GETDATE": true, "RAND": true,
	"RANDOM": true, "RANDOM_UUID": true, "UUID": true, "SYS_GUID": true, "SECURE_RAND": true,
}
