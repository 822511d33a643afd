package node

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	ignite "github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node/internal/store"
)

// types is the registry of binary types: their metadata and, separate as in
// Ignite, the class names that platforms gave to type ids. It is kept in the
// store.
type types struct {
	store *store.Store

	mu    sync.RWMutex
	metas map[int32]*ignite.Metadata // read only values
	names map[typeName]string
}

type typeName struct {
	platform uint8
	id       int32
}

// Kinds of the store's records; the ids are big-endian numbers.
const (
	metaType     = "type"
	metaTypeName = "typename"
)

func loadTypes(s *store.Store) (*types, error) {
	t := &types{
		store: s,
		metas: make(map[int32]*ignite.Metadata),
		names: make(map[typeName]string),
	}
	err := s.EachMeta(metaType, func(_ string, value []byte) error {
		m, err := decodeMetadata(value)
		if err == nil {
			t.metas[m.TypeID] = m
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return t, s.EachMeta(metaTypeName, func(id string, value []byte) error {
		if len(id) != 5 {
			return fmt.Errorf("node: stored type name has a broken id %q", id)
		}
		t.names[typeName{id[0], int32(binary.BigEndian.Uint32([]byte(id[1:])))}] = string(value)
		return nil
	})
}

// get returns the metadata of a type, nil when there is none.
func (t *types) get(id int32) *ignite.Metadata {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.metas[id]
}

// put merges metadata into what is known of its type.
func (t *types) put(m *ignite.Metadata) error {
	if m == nil {
		return failed("Ouch! Argument cannot be null: metadata")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.metas[m.TypeID]
	if err := contradiction(old, m); err != nil {
		return err
	}
	merged, changed, err := old.Merge(m)
	if err != nil {
		return err
	}
	if !changed && old != nil {
		return nil
	}
	var w ignite.Writer
	(&wire.BinaryTypePutRequest{Metadata: merged}).Encode(&w, 0)
	if err := t.store.PutMeta(metaType, string(binary.BigEndian.AppendUint32(nil, uint32(m.TypeID))), w.Buf); err != nil {
		return err
	}
	t.metas[m.TypeID] = merged
	return nil
}

// contradiction finds the common reasons why metadata can't be merged and says
// them in Ignite's words (BinaryUtils.mergeMetadata).
func contradiction(old, m *ignite.Metadata) error {
	if old == nil {
		return nil
	}
	if old.TypeName != m.TypeName {
		return failed("Two binary types have duplicate type ID [typeId=%d, typeName1=%s, typeName2=%s]", m.TypeID, old.TypeName, m.TypeName)
	}
	if old.AffinityKeyField != m.AffinityKeyField {
		return failed("Binary type has different affinity key fields [typeName=%s, affKeyFieldName1=%s, affKeyFieldName2=%s]",
			m.TypeName, orNull(old.AffinityKeyField), orNull(m.AffinityKeyField))
	}
	for _, f := range m.Fields {
		if have := old.FieldByName(f.Name); have != nil && have.Type != f.Type {
			return failed("Type '%s' with typeId %d has a different/incorrect type for field '%s'. Expected '%s' but '%s' was provided. "+
				"The type of an existing field can not be changed. Use a different field name or follow this procedure to reuse the "+
				"current name:\n- Delete data records that use the old field type;\n- Remove metadata by the command: "+
				"'control.sh --meta remove --typeId %d'.", m.TypeName, m.TypeID, f.Name, have.Type, f.Type, m.TypeID)
		}
	}
	return nil
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}

// name returns the class name of a type id on a platform.
func (t *types) name(platform uint8, id int32) (string, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if name, ok := t.names[typeName{platform, id}]; ok {
		return name, nil
	}
	return "", failed("Failed to resolve class name [platformId=%d, platform=%s, typeId=%d]", platform, platformName(platform), id)
}

// putName registers a class name.
func (t *types) putName(platform uint8, id int32, name string) error {
	if name == "" {
		return failed("Ouch! Argument cannot be null: typeName")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	k := typeName{platform, id}
	if old, ok := t.names[k]; ok {
		if old != name {
			return failed("Duplicate ID [platformId=%d, typeId=%d, oldCls=%s, newCls=%s]", platform, id, old, name)
		}
		return nil
	}
	key := binary.BigEndian.AppendUint32([]byte{platform}, uint32(id))
	if err := t.store.PutMeta(metaTypeName, string(key), []byte(name)); err != nil {
		return err
	}
	t.names[k] = name
	return nil
}

func platformName(id uint8) string {
	switch id {
	case 0:
		return "Java"
	case 1:
		return ".NET"
	}
	return "Unknown"
}

func decodeMetadata(b []byte) (*ignite.Metadata, error) {
	var q wire.BinaryTypePutRequest
	r := ignite.NewReader(slices.Clone(b))
	q.Decode(r, 0)
	if err := r.Finish(); err != nil {
		return nil, fmt.Errorf("node: stored type metadata: %w", err)
	}
	return q.Metadata, nil
}
