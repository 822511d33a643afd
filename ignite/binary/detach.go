package binary

import "bytes"

// Detach returns the object at an offset of raw as a value of its own, as Ignite's servers
// take it out of an array, a collection or a map. Values outside of the object, for which
// handles inside of it stand, are copied into it; an object without such handles is
// returned as it is, aliasing raw. Handles in raw data are not followed.
func Detach(raw Raw, at int) (Raw, error) {
	r := Reader{b: raw, pos: at}
	object := r.Raw()
	if err := r.Err(); err != nil {
		return nil, err
	}
	if bytes.IndexByte(object, byte(TypeHandle)) < 0 {
		return object, nil
	}
	if _, err := DecodeValue(object, nil); err == nil {
		return object, nil
	}
	d := decoder{r: Reader{b: raw, pos: at}}
	v := d.value()
	if err := d.r.Err(); err != nil {
		return nil, err
	}
	return new(Encoder).Append(nil, v)
}
