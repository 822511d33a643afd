package dataset

import "strings"

// A path names a field: "key", "val", or one of these with the names below it, joined by
// dots. A name may have dots of its own ("Sepal.Length"): where a path can mean several
// fields, it means the one whose name takes the most of it, from the top downwards.

// locate gives the place of the field that a path means: numbers of fields from the top
// downwards. It is nil where there is no such field.
func (s *Schema) locate(path string) []int {
	top := []Field{s.Key, s.Value}
	top[0].Name, top[1].Name = KeyName, ValueName
	return locate(top, path)
}

func locate(fields []Field, path string) []int {
	var place []int
	most := -1
	for i := range fields {
		f := &fields[i]
		if f.Absent() || len(f.Name) <= most {
			continue
		}
		if path == f.Name {
			place, most = []int{i}, len(f.Name)
		} else if rest, ok := strings.CutPrefix(path, f.Name+"."); ok {
			if below := locate(f.Fields, rest); below != nil {
				place, most = append([]int{i}, below...), len(f.Name)
			}
		}
	}
	return place
}

// at is the field at a place that locate gave.
func (s *Schema) at(place []int) *Field {
	f := &s.Key
	if place[0] == 1 {
		f = &s.Value
	}
	for _, i := range place[1:] {
		f = &f.Fields[i]
	}
	return f
}

// clone gives a copy whose fields can be changed.
func (s *Schema) clone() *Schema {
	out := *s
	out.Key, out.Value = s.Key.clone(), s.Value.clone()
	return &out
}

func (f *Field) clone() Field {
	out := *f
	out.Fields = nil
	for i := range f.Fields {
		out.Fields = append(out.Fields, f.Fields[i].clone())
	}
	return out
}

// Project leaves out every field that is not named by one of the paths, such as
// "key", "val" or "val.metadata.label"; a path of an object keeps all of it. The
// order of the fields does not change. A name that has dots of its own goes before
// fields within fields: "val.Sepal.Length" is the field "Sepal.Length" where there is one.
func (s *Schema) Project(paths []string) (*Schema, error) {
	if len(paths) == 0 {
		return s, nil
	}
	var places [][]int
	for _, p := range paths {
		place := s.locate(p)
		if place == nil {
			return nil, &SchemaError{Path: p, Reason: "there is no such field; the schema is " + s.String()}
		}
		places = append(places, place)
	}
	out := *s
	out.Key, out.Value = s.Key.project(below(places, 0)), s.Value.project(below(places, 1))
	return &out, nil
}

// project keeps what the places say, one of them at least.
func (f *Field) project(places [][]int) Field {
	out := *f
	for _, place := range places {
		if len(place) == 0 {
			return out
		}
	}
	out.Fields = nil
	for i := range f.Fields {
		if in := below(places, i); len(in) > 0 {
			out.Fields = append(out.Fields, f.Fields[i].project(in))
		}
	}
	if len(out.Fields) == 0 {
		return Field{}
	}
	return out
}

// below gives the places that lie in field i, seen from there.
func below(places [][]int, i int) [][]int {
	var out [][]int
	for _, place := range places {
		if place[0] == i {
			out = append(out, place[1:])
		}
	}
	return out
}
