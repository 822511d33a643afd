package sql

import (
	"github.com/kindling-ml/kindling/ignite/binary"
)

// RowChecks are what the tables of a cache ask of entries that come by other ways than SQL: a key of the table's class,
// no null where the table allows none, nothing longer than its column. A nil *RowChecks asks nothing. Safe for
// concurrent use.
type RowChecks struct{ tables []rowCheck }

// rowCheck is what one table asks.
type rowCheck struct {
	table   *table
	columns []int // that are limited
}

// ChecksOf gives the checks of a cache, nil when its tables ask nothing.
func ChecksOf(info CacheInfo) *RowChecks {
	if info.Config == nil {
		return nil
	}
	c := &RowChecks{}
	for i := range info.Config.QueryEntities {
		check := rowCheck{table: newTable(info, &info.Config.QueryEntities[i])}
		for at, col := range check.table.columns {
			if col.notNull || col.typ.precision >= 0 {
				check.columns = append(check.columns, at)
			}
		}
		if len(check.columns) > 0 || check.table.keyType.kind != kindObject {
			c.tables = append(c.tables, check)
		}
	}
	if len(c.tables) == 0 {
		return nil
	}
	return c
}

// Check gives the error with which Ignite refuses an entry. An entry whose value is of no table is nobody's row and
// passes.
func (c *RowChecks) Check(store Store, key, value binary.Raw) error {
	if c == nil {
		return nil
	}
	for i := range c.tables {
		check := &c.tables[i]
		r := newRowReader(store, check.table)
		mine, err := r.load(key, value)
		if err != nil {
			return err
		}
		if mine {
			return check.row(r)
		}
	}
	return nil
}

func (c *rowCheck) row(r *rowReader) error {
	if want, got := c.table.keyType, typeByCode(r.key); want.kind != kindObject && want.kind != got.kind {
		class := got.className()
		if got.kind == kindObject {
			class = "org.apache.ignite.internal.binary.BinaryObjectImpl"
		}
		return refusal{"Failed to update index, incorrect key class [expCls=" + want.className() + ", actualCls=" + class + "]"}
	}
	for _, i := range c.columns {
		col := &c.table.columns[i]
		raw, err := r.column(i)
		if err != nil {
			return err
		}
		if len(raw) == 0 || raw.IsNull() {
			if col.notNull {
				return refusal{asError(errNullValue(col.name)).Message}
			}
			continue
		}
		if col.typ.precision < 0 {
			continue
		}
		v, err := binary.DecodeValue(raw, r.store)
		if err != nil {
			return err
		}
		if err := col.limits(v); err != nil {
			return refusal{asError(err).Message}
		}
	}
	return nil
}

// refusal is an error of Check.
type refusal struct{ message string }

func (e refusal) Error() string {
	return "class org.apache.ignite.IgniteCheckedException: " + e.message
}
