// Package wire has the messages of Ignite's thin client protocol, version
// 1.7.0, in both directions: a client encodes requests and decodes responses,
// a server the other way round. It does no I/O and keeps no state.
//
// Every frame is an int32 length and a body, little-endian. The first frame
// of a connection is a [HandshakeRequest], answered by a [HandshakeResponse];
// from then on a client sends requests, each with an operation code ([Op]) and
// an id, and the server answers in any order with a [ResponseHeader] and a
// body. Some layouts depend on the [Features] that both sides agreed on in the
// handshake, so every Encode and Decode takes them.
//
// Keys and values are encoded values of package binary ([binary.Raw]); after
// Decode they alias the frame they came from. Decoding never panics, and what
// it allocates is bounded by the size of the frame. Each message stands in a
// file named after its operation.
//
//	frame := wire.AppendRequest(nil, 1, &wire.CacheGetRequest{
//		CacheInfo: wire.CacheInfo{CacheID: id, Flags: wire.FlagKeepBinary},
//		Key:       key,
//	}, features)
package wire
