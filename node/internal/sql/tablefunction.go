package sql

import (
	"slices"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/node/internal/sql/parse"
)

// tableFunction translates TABLE(name type = values, ...) as the rows of a query.
func (p *planner) tableFunction(f *parse.TableFunction, sc *scope) (string, error) {
	d := &parse.Derived{Alias: f.Alias}
	columns := make([][]parse.Expr, len(f.Columns))
	rows := 0
	for i, c := range f.Columns {
		if _, ok := typeByName(c.Type); !ok {
			return "", queryError(p.sql, 50004, "Unknown data type: %q", c.Type.Name)
		}
		values, err := p.arrayOf(c.Values)
		if err != nil {
			return "", err
		}
		columns[i], rows = values, max(rows, len(values))
		d.Columns = append(d.Columns, c.Name)
	}
	if rows > maxArrayRows {
		return "", queryError(p.sql, 42000, "The arrays of TABLE have more than %d elements", maxArrayRows)
	}
	var body parse.Body
	for first := 0; first < max(rows, 1); first += arrayChunk {
		chunk := &parse.Values{}
		for n := first; n < min(first+arrayChunk, max(rows, 1)); n++ {
			chunk.Rows = append(chunk.Rows, arrayRow(f, columns, n))
		}
		part := &parse.Select{Items: star, From: []parse.TableRef{&parse.Derived{Query: &parse.Query{Body: chunk}}}}
		if rows == 0 {
			part.Where = &parse.Literal{Kind: parse.LiteralBool, Text: "FALSE"}
		}
		if body == nil {
			body = part
		} else {
			body = &parse.SetOp{Op: "UNION ALL", Left: body, Right: part}
		}
	}
	if f.Distinct {
		body = &parse.Select{Distinct: true, Items: star, From: []parse.TableRef{&parse.Derived{Query: &parse.Query{Body: body}}}}
	}
	d.Query = &parse.Query{Body: body}
	return p.tableRef(d, sc)
}

// SQLite joins at most 500 queries by UNION ALL, so long arrays come in chunks.
const (
	arrayChunk   = 400
	maxArrayRows = arrayChunk * arrayChunk
)

var star = []parse.Item{{Star: true}}

// arrayRow is row n of TABLE; arrays that are shorter give null.
func arrayRow(f *parse.TableFunction, columns [][]parse.Expr, n int) []parse.Expr {
	row := make([]parse.Expr, len(columns))
	for i, values := range columns {
		var v parse.Expr = &parse.Literal{Kind: parse.LiteralNull, Text: "NULL"}
		if n < len(values) {
			v = values[n]
		}
		row[i] = &parse.Cast{X: v, Type: f.Columns[i].Type}
	}
	return row
}

// arrayOf gives the elements of an array: of a list, of a parameter that holds an array, or the one value there is.
func (p *planner) arrayOf(e parse.Expr) ([]parse.Expr, error) {
	switch e := e.(type) {
	case *parse.Row:
		return e.Items, nil
	case *parse.Literal:
		if e.Kind == parse.LiteralNull {
			return nil, nil
		}
	case *parse.Param:
		if e.Index < len(p.args) {
			return p.arrayParam(e)
		}
	}
	return []parse.Expr{e}, nil
}

// arrayParam makes a parameter of each element of an array.
func (p *planner) arrayParam(e *parse.Param) ([]parse.Expr, error) {
	v, err := binary.DecodeValue(p.args[e.Index], p.store)
	if err != nil {
		return nil, err
	}
	var elements []any
	switch v := v.(type) {
	case nil:
		return nil, nil
	case *binary.ObjectArray:
		elements = v.Items
	case []int8:
		elements = anyOf(v)
	case []int16:
		elements = anyOf(v)
	case []int32:
		elements = anyOf(v)
	case []int64:
		elements = anyOf(v)
	case []float32:
		elements = anyOf(v)
	case []float64:
		elements = anyOf(v)
	case []string:
		elements = anyOf(v)
	default:
		return []parse.Expr{e}, nil
	}
	params := make([]parse.Expr, len(elements))
	for i, x := range elements {
		raw, err := binary.AppendValue(nil, x)
		if err != nil {
			return nil, err
		}
		params[i] = &parse.Param{Index: len(p.args)}
		p.args = append(slices.Clip(p.args), raw)
	}
	return params, nil
}

func anyOf[T any](list []T) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}
