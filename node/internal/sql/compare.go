package sql

import (
	"fmt"
	"strings"

	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// comparable translates both sides of a comparison so that their forms can be compared.
func (p *planner) comparable(le, re parse.Expr, sc *scope) (string, string, error) {
	l, err := p.expr(le, sc)
	if err != nil {
		return "", "", err
	}
	r, err := p.expr(re, sc)
	if err != nil {
		return "", "", err
	}
	k := comparisonKind(l.typ, r.typ)
	if l, err = p.as(l, k); err != nil {
		return "", "", err
	}
	r, err = p.as(r, k)
	return l.sql, r.sql, err
}

// comparisonKind is the kind both sides have to be turned into, kindUnknown when they are fine as they are.
func comparisonKind(l, r dataType) kind {
	if r.temporal() || r.kind == kindUUID || r.kind == kindBool {
		l, r = r, l
	}
	switch {
	case l.kind == r.kind, r.kind == kindNull:
		return kindUnknown
	case l.temporal() && r.temporal():
		return kindTimestamp
	case l.temporal():
		return l.kind
	case l.kind == kindUUID:
		return kindUUID
	case l.kind == kindBool && r.text():
		return kindBool
	}
	return kindUnknown
}

// as turns an expression into another kind for a comparison.
func (p *planner) as(r rendered, k kind) (rendered, error) {
	if k == kindUnknown || r.typ.kind == k || k == kindTimestamp && r.typ.kind == kindUtilDate {
		return r, nil
	}
	if r.text != nil {
		v, ok := coerce(*r.text, typeOf(k))
		if !ok {
			return r, queryError(p.sql, 22018, "Data conversion error converting %q", *r.text)
		}
		return rendered{sql: p.bind(plainValue(v, nil)), typ: typeOf(k), constant: true}, nil
	}
	return rendered{sql: fmt.Sprintf("kd_cast(%s, '%s', -1, -1, %d)", r.sql, typeInfos[k].name, r.typ.kind), typ: typeOf(k)}, nil
}

// asKindOf turns r into the kind of x where the two are compared.
func (p *planner) asKindOf(r, x rendered) (rendered, error) {
	if k := comparisonKind(x.typ, r.typ); k == x.typ.kind || k == kindTimestamp && x.typ.kind == kindUtilDate {
		return p.as(r, k)
	}
	return r, nil
}

func (p *planner) between(e *parse.Between, sc *scope) (rendered, error) {
	x, err := p.expr(e.X, sc)
	if err != nil {
		return x, err
	}
	low, err := p.expr(e.Low, sc)
	if err != nil {
		return low, err
	}
	high, err := p.expr(e.High, sc)
	if err != nil {
		return high, err
	}
	k := comparisonKind(x.typ, low.typ)
	if k == kindUnknown || k == x.typ.kind {
		if other := comparisonKind(x.typ, high.typ); other != kindUnknown {
			k = other
		}
	}
	for _, side := range []*rendered{&x, &low, &high} {
		if *side, err = p.as(*side, k); err != nil {
			return x, err
		}
	}
	return of(kindBool, "("+x.sql+" "+not(e.Not)+"BETWEEN "+low.sql+" AND "+high.sql+")"), nil
}

func (p *planner) like(e *parse.Like, sc *scope) (rendered, error) {
	x, err := p.expr(e.X, sc)
	if err != nil {
		return x, err
	}
	pattern, err := p.expr(e.Pattern, sc)
	if err != nil {
		return x, err
	}
	if e.Regexp {
		return of(kindBool, "("+not(e.Not)+"kd_regexp("+asText(x)+", "+pattern.sql+"))"), nil
	}
	escape := rendered{sql: `'\'`}
	if e.Escape != nil {
		if escape, err = p.expr(e.Escape, sc); err != nil {
			return x, err
		}
	}
	return of(kindBool, "("+not(e.Not)+"kd_like("+asText(x)+", "+pattern.sql+", "+escape.sql+"))"), nil
}

func (p *planner) in(e *parse.In, sc *scope) (rendered, error) {
	x, err := p.expr(e.X, sc)
	if err != nil {
		return x, err
	}
	if e.Query != nil {
		text, cols, err := p.query(e.Query, sc, modeValue)
		if err != nil {
			return x, err
		}
		if _, row := e.X.(*parse.Row); len(cols) != 1 && !row {
			return x, queryError(p.sql, 90052, messageSubqueryColumns)
		}
		return of(kindBool, "("+x.sql+" "+not(e.Not)+"IN ("+text+"))"), nil
	}
	parts := make([]string, len(e.List))
	for i, item := range e.List {
		r, err := p.expr(item, sc)
		if err != nil {
			return x, err
		}
		if r, err = p.as(r, comparisonKind(x.typ, r.typ)); err != nil {
			return x, err
		}
		parts[i] = r.sql
	}
	return of(kindBool, "("+x.sql+" "+not(e.Not)+"IN ("+strings.Join(parts, ", ")+"))"), nil
}
