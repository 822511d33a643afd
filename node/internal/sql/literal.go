package sql

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

func (p *planner) literal(l *parse.Literal) (rendered, error) {
	r := rendered{constant: true}
	switch l.Kind {
	case parse.LiteralNull:
		r.sql, r.typ = "NULL", typeOf(kindNull)
	case parse.LiteralBool:
		r.sql, r.typ = l.Text, typeOf(kindBool)
	case parse.LiteralInteger:
		n, err := strconv.ParseInt(l.Text, 10, 64)
		switch {
		case err != nil:
			return p.decimalLiteral(l.Text)
		case n == int64(int32(n)):
			r.typ = typeOf(kindInt)
		default:
			r.typ = typeOf(kindLong)
		}
		r.sql = l.Text
		if n < 0 {
			r.sql = "(" + l.Text + ")"
		}
	case parse.LiteralDecimal:
		return p.decimalLiteral(l.Text)
	case parse.LiteralDouble:
		f, err := strconv.ParseFloat(l.Text, 64)
		if err != nil {
			return r, queryError(p.sql, 22018, "Data conversion error converting %q", l.Text)
		}
		r.sql, r.typ = p.bind(f), typeOf(kindDouble)
	case parse.LiteralBytes:
		r.sql, r.typ = "X'"+l.Text+"'", typeOf(kindBytes)
	case parse.LiteralString:
		return p.stringConstant(l.Text), nil
	default:
		k := map[parse.LiteralKind]kind{parse.LiteralDate: kindDate, parse.LiteralTime: kindTime, parse.LiteralTimestamp: kindTimestamp}[l.Kind]
		return p.temporalConstant(l.Text, k)
	}
	return r, nil
}

func (p *planner) decimalLiteral(text string) (rendered, error) {
	d, _, err := apd.NewFromString(text)
	if err != nil || !saneDecimal(d) {
		return rendered{}, queryError(p.sql, 22018, "Data conversion error converting %q", text)
	}
	f, _ := d.Float64()
	return rendered{sql: p.bind(f), exact: "'" + d.Text('f') + "'", typ: typeOf(kindDecimal), constant: true}, nil
}

// stringConstant writes a string into the statement when that is safe and short, else as a parameter.
func (p *planner) stringConstant(s string) rendered {
	r := rendered{typ: typeOf(kindString), text: &s, constant: true}
	if len(s) > 256 || strings.ContainsRune(s, 0) {
		r.sql = p.bind(s)
	} else {
		r.sql = "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return r
}

func (p *planner) temporalConstant(text string, k kind) (rendered, error) {
	s, err := canonicalTemporal(text, k)
	if err != nil {
		return rendered{}, queryError(p.sql, 22007, "Cannot parse %q constant %q", typeInfos[k].name, text)
	}
	return rendered{sql: "'" + s + "'", typ: typeOf(k), constant: true}, nil
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
	r := rendered{typ: typeByCode(raw), constant: true}
	r.sql = p.bind(v)
	switch {
	case r.typ.kind == kindDecimal:
		exact, err := exactValue(raw)
		if err != nil {
			return rendered{}, err
		}
		r.exact = p.bind(exact)
	case r.typ.kind == kindString:
		s, _ := v.(string)
		r.text = &s
	}
	return r, nil
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
	case parse.LiteralDecimal:
		d, ok := toDecimal(l.Text)
		return d, ok, nil
	case parse.LiteralDouble:
		f, err := strconv.ParseFloat(l.Text, 64)
		return f, err == nil, nil
	case parse.LiteralString:
		return l.Text, true, nil
	case parse.LiteralBytes:
		b, err := hex.DecodeString(l.Text)
		return b, err == nil, nil
	}
	return nil, false, nil
}
