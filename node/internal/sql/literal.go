package sql

import (
	"database/sql/driver"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

func (p *planner) literal(l *parse.Literal) (rendered, error) {
	switch l.Kind {
	case parse.LiteralNull:
		return rendered{sql: "NULL", typ: typeOf(kindNull), constant: true, known: true}, nil
	case parse.LiteralBool:
		return constantOf(l.Text, plainValue(l.Text == "TRUE", nil), kindBool), nil
	case parse.LiteralInteger:
		n, err := strconv.ParseInt(l.Text, 10, 64)
		if err != nil {
			return p.decimalLiteral(l.Text)
		}
		text := l.Text
		if n < 0 {
			text = "(" + l.Text + ")"
		}
		if n == int64(int32(n)) {
			return constantOf(text, n, kindInt), nil
		}
		return constantOf(text, n, kindLong), nil
	case parse.LiteralDecimal, parse.LiteralDouble:
		return p.decimalLiteral(l.Text) // 1E3 is a DECIMAL in H2, too
	case parse.LiteralBytes:
		b, err := hex.DecodeString(l.Text)
		if err != nil {
			return rendered{}, queryError(p.sql, 22018, "Data conversion error converting %q", l.Text)
		}
		return constantOf("X'"+l.Text+"'", b, kindBytes), nil
	case parse.LiteralString:
		return p.stringConstant(l.Text), nil
	}
	k := map[parse.LiteralKind]kind{parse.LiteralDate: kindDate, parse.LiteralTime: kindTime, parse.LiteralTimestamp: kindTimestamp}[l.Kind]
	return p.temporalConstant(l.Text, k)
}

func constantOf(sql string, v driver.Value, k kind) rendered {
	return rendered{sql: sql, value: v, known: true, typ: typeOf(k), constant: true}
}

func (p *planner) decimalLiteral(text string) (rendered, error) {
	d, ok := toDecimal(text)
	if !ok {
		return rendered{}, queryError(p.sql, 22018, "Data conversion error converting %q", text)
	}
	r := constantOf("'"+d.String()+"'", d.String(), kindDecimal)
	r.typ.scale = max(0, -int(d.Exponent))
	return r, nil
}

// stringConstant writes a string into the statement when that is safe and short, else as a parameter.
func (p *planner) stringConstant(s string) rendered {
	text := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if len(s) > 256 || strings.ContainsRune(s, 0) {
		text = p.bind(s)
	}
	return constantOf(text, s, kindString)
}

func (p *planner) temporalConstant(text string, k kind) (rendered, error) {
	s, err := canonicalTemporal(text, k)
	if err != nil {
		return rendered{}, queryError(p.sql, 22007, "Cannot parse %q constant %q", typeInfos[k].name, text)
	}
	return constantOf("'"+s+"'", s, k), nil
}

func (p *planner) param(e *parse.Param) (rendered, error) {
	if e.Index >= len(p.args) {
		return rendered{}, fail(CodeUnknown, stateGeneral, "Invalid number of query parameters [expected=%d, actual=%d]", e.Index+1, len(p.args))
	}
	raw := p.args[e.Index]
	v, err := sqliteValue(raw)
	if err != nil {
		return rendered{}, fail(CodeUnknown, stateGeneral, "Parameter %d is not a valid value: %v", e.Index+1, err)
	}
	return rendered{sql: p.bind(v), value: v, known: true, typ: typeByCode(raw), constant: true, param: true}, nil
}

// constantValue gives the Go value of a literal or a parameter; false for any other expression.
func (r *run) constantValue(e parse.Expr) (any, bool, error) {
	switch e := e.(type) {
	case *parse.Param:
		if e.Index >= len(r.args) {
			return nil, false, nil
		}
		v, err := binary.DecodeValue(r.args[e.Index], nil)
		if err != nil {
			return nil, false, fail(CodeUnknown, stateGeneral, "Parameter %d is not a valid value: %v", e.Index+1, err)
		}
		if _, isObject := v.(*binary.Object); isObject {
			return r.args[e.Index], true, nil
		}
		return v, true, nil
	case *parse.Literal:
		return literalValue(e)
	}
	return nil, false, nil
}

func literalValue(l *parse.Literal) (any, bool, error) {
	switch l.Kind {
	case parse.LiteralNull:
		return nil, true, nil
	case parse.LiteralBool:
		return l.Text == "TRUE", true, nil
	case parse.LiteralInteger:
		n, err := strconv.ParseInt(l.Text, 10, 64)
		if err == nil && n == int64(int32(n)) {
			return int32(n), true, nil
		}
		if err == nil {
			return n, true, nil
		}
		d, ok := toDecimal(l.Text)
		return d, ok, nil
	case parse.LiteralDecimal, parse.LiteralDouble:
		d, ok := toDecimal(l.Text)
		return d, ok, nil
	case parse.LiteralString:
		return l.Text, true, nil
	case parse.LiteralBytes:
		b, err := hex.DecodeString(l.Text)
		return b, err == nil, nil
	}
	return nil, false, nil
}
