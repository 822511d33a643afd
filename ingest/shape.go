package ingest

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
)

// shape is what was seen at one place of the files of a load: a column, a member of
// an object, the items of an array, or all rows.
type shape struct {
	path    string
	kinds   kinds
	typed   bool     // it is JSON, where "1" and 1 are no values of one type
	wanted  bool     // scalars were seen and are of a type that was asked for
	names   []string // of members, in the order of appearance
	members map[string]*shape
	items   *shape
	object  int64 // the number of the object that had the member last
	null    bool  // it was null there
}

// member is the shape of a member, made when it is seen for the first time.
func (s *shape) member(name string) *shape {
	if m := s.members[name]; m != nil {
		return m
	}
	if s.members == nil {
		s.members = map[string]*shape{}
	}
	m := &shape{path: joinPath(s.path, name)}
	s.members[name] = m
	s.names = append(s.names, name)
	return m
}

// severalKinds is the error of values that no type has in common, or nil.
func (s *shape) severalKinds() error {
	several := s.members != nil && s.items != nil || (s.members != nil || s.items != nil) && (s.kinds != 0 || s.wanted)
	if several || s.typed && !s.kinds.within(numberKinds) && s.kinds != kindText && s.kinds != kindBool {
		return fmt.Errorf("field %q holds values of several kinds; --types %s=string makes those that are no objects or arrays text", s.path, s.path)
	}
	return nil
}

// dataType is the Arrow type that holds everything seen.
func (s *shape) dataType(key bool) (arrow.DataType, error) {
	if err := s.severalKinds(); err != nil {
		return nil, err
	}
	switch {
	case s.items != nil:
		item, err := s.items.dataType(key)
		if err != nil {
			return nil, err
		}
		return arrow.ListOf(item), nil
	case s.members != nil:
		fields, err := s.fields(func(string) bool { return key }, nil)
		if err != nil {
			return nil, err
		}
		return arrow.StructOf(fields...), nil
	default:
		return s.kinds.dataType(key), nil
	}
}

// fields are the members. want is the type that was asked for a member, or nil.
func (s *shape) fields(isKey func(name string) bool, want func(name string) *textType) ([]arrow.Field, error) {
	fields := make([]arrow.Field, len(s.names))
	for i, name := range s.names {
		m := s.members[name]
		t, err := m.dataType(isKey(name))
		if err != nil {
			return nil, err
		}
		if want != nil && m.members == nil && m.items == nil {
			if w := want(name); w != nil {
				t = w.dataType()
			}
		}
		fields[i] = arrow.Field{Name: name, Type: t, Nullable: true}
	}
	return fields, nil
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
