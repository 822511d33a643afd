package binary_test

import (
	"fmt"

	"github.com/kindling-ml/kindling/ignite/binary"
)

type Kitten struct {
	Name string    `ignite:"name"`
	Age  int32     `ignite:"age"`
	Feat []float32 `ignite:"feat,omitempty"`
}

// A Go struct becomes a binary object and comes back. OnType tells what the cluster has
// to know before others can read the object.
func ExampleUnmarshal() {
	e := binary.Encoder{OnType: func(m *binary.Metadata) error {
		fmt.Printf("type %s, id %d\n", m.TypeName, m.TypeID)
		return nil
	}}
	b, err := e.Append(nil, Kitten{Name: "Mia", Age: 3, Feat: []float32{0.5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var k Kitten
	if err := binary.Unmarshal(b, &k, nil); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d bytes: %+v\n", len(b), k)
	// Output:
	// type Kitten, id -1131107961
	// 49 bytes: {Name:Mia Age:3 Feat:[0.5]}
}

// An object view finds fields in the bytes without decoding the others.
func ExampleParseObject() {
	b, _ := new(binary.Encoder).Append(nil, Kitten{Name: "Mia", Age: 3})
	o, err := binary.ParseObject(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(o.NumFields(), o.FieldRaw(1).Type(), binary.NewReader(o.FieldRaw(1)).Value())
	// Output: 2 int 3
}

// Values of any type go without a struct.
func ExampleAppendValue() {
	b, _ := binary.AppendValue(nil, map[string]int32{"a": 1})
	v, _ := binary.DecodeValue(b, nil)
	fmt.Printf("%x\n%+v\n", b, v)
	// Output:
	// 1901000000010901000000610301000000
	// &{Kind:1 Entries:[{Key:a Value:1}]}
}
