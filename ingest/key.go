package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// keyType is the type name of key objects.
func keyType(cache string, opts *Options, declared *wire.QueryEntity) string {
	return firstOf(opts.KeyType, declaredType(declared, true), cache+"Key")
}

// declaredKey are the key fields that a cache declares for objects of a type; nil where
// it declares none.
func declaredKey(typeName string, declared *wire.QueryEntity) []string {
	if declared == nil || declared.KeyType != typeName || plainClass(typeName) != "" {
		return nil
	}
	var fields []string
	for _, f := range declared.Fields {
		if f.IsKey {
			fields = append(fields, f.Name)
		}
	}
	return fields
}

// isKeyObject says whether a key of one column is an object all the same, as that of a
// table with WRAP_KEY.
func isKeyObject(typeName string, declared *wire.QueryEntity) bool {
	return len(declaredKey(typeName, declared)) > 0
}

// orderKey puts the key columns into the order that the fields of the cache's keys have,
// for Ignite takes the same fields in another order for another key. Where the cache
// declares its key, the columns must be those.
func orderKey(ctx context.Context, client *ignite.Client, cache string, opts *Options, declared *wire.QueryEntity) error {
	if len(opts.Key) == 0 {
		return nil
	}
	name := keyType(cache, opts, declared)
	if fields := declaredKey(name, declared); len(fields) > 0 && !sameNames(fields, opts.Key) {
		return fmt.Errorf("%w: the key of the cache is made of %s, and the columns named for it are %s", ErrSchema,
			strings.Join(fields, ", "), strings.Join(opts.Key, ", "))
	}
	if len(opts.Key) == 1 {
		return nil
	}
	ids := make([]int32, len(opts.Key))
	for i, column := range opts.Key {
		ids[i] = binary.FieldID(column)
	}
	order, err := client.KeyOrder(ctx, cache, binary.TypeID(name), ids)
	if err != nil {
		return err
	}
	sorted := slices.Clone(opts.Key) // the caller's own stays as it is
	for i, column := range opts.Key {
		sorted[slices.Index(order, ids[i])] = column
	}
	opts.Key = sorted
	return nil
}

func sameNames(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, name := range a {
		if !slices.ContainsFunc(b, func(other string) bool { return strings.EqualFold(name, other) }) {
			return false
		}
	}
	return true
}
