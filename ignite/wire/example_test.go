package wire_test

import (
	"fmt"
	"log"

	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// The two frames a client sends to read a key: the handshake, then a request
// in the layout of the features that the server answered.
func Example() {
	hello := wire.HandshakeRequest{Features: wire.FeaturesClient.Without(wire.FeatureUserAttributes)}
	fmt.Printf("handshake %x\n", wire.AppendFrame(nil, func(w *binary.Writer) { w.Buf = hello.AppendTo(w.Buf) }))

	key, err := binary.AppendValue(nil, int64(42))
	if err != nil {
		log.Fatal(err)
	}
	get := wire.CacheGetRequest{
		CacheInfo: wire.CacheInfo{CacheID: binary.CacheID("KITTEN"), Flags: wire.FlagKeepBinary},
		Key:       key,
	}
	fmt.Printf("%s %x\n", get.Op(), wire.AppendRequest(nil, 1, &get, wire.FeaturesClient))

	// Output:
	// handshake 1000000001010007000000020c03000000cc2908
	// OP_CACHE_GET 18000000e8030100000000000000879d278401042a00000000000000
}

// A server's answer to a request for a key's value.
func ExampleAppendResponse() {
	value, err := binary.AppendValue(nil, "Tom")
	if err != nil {
		log.Fatal(err)
	}
	frame := wire.AppendResponse(nil, wire.ResponseHeader{RequestID: 1}, &wire.ObjectResponse{Value: value}, 0)
	fmt.Printf("%x\n", frame)

	r := binary.NewReader(frame[wire.FrameHeaderBytes:])
	var header wire.ResponseHeader
	header.Decode(r)
	var body wire.ObjectResponse
	if err := wire.DecodeResponse(r, wire.OpCacheGet, &body, 0); err != nil {
		log.Fatal(err)
	}
	fmt.Println(header.RequestID, binary.NewReader(body.Value).Value())

	// Output:
	// 12000000010000000000000000000903000000546f6d
	// 1 Tom
}
