package store

import (
	"encoding/binary"
	"fmt"
)

// The first byte of every stored key says what it is. Catalog records sort
// before entries, so opening a large store touches only its first blocks.
const (
	prefixMeta  = 0x01
	prefixCount = 0x02
	prefixEntry = 0x10
)

// entryHeader is the length of what stands before the key bytes of an entry:
// prefix, cache, partition, hash.
const entryHeader = 1 + 4 + 2 + 4

// Key locates an entry.
type Key struct {
	Cache     int32  // cache id
	Partition uint16 // partition of the key
	Hash      int32  // Java hash code of the key
	Bytes     []byte // encoded key
}

func (k Key) size() int { return entryHeader + len(k.Bytes) }

// appendTo appends the stored form. The sign bit of the hash is flipped, so
// that unsigned byte order is signed integer order.
func (k Key) appendTo(dst []byte) []byte {
	dst = appendPartition(dst, k.Cache, int(k.Partition))
	dst = binary.BigEndian.AppendUint32(dst, uint32(k.Hash)^0x80000000)
	return append(dst, k.Bytes...)
}

// appendPartition appends the lower bound of a partition. One past the last
// partition is a valid upper bound: it carries over into the cache id.
func appendPartition(dst []byte, cache int32, partition int) []byte {
	dst = append(dst, prefixEntry)
	pos := uint64(uint32(cache))<<16 + uint64(partition)
	if pos>>48 != 0 { // past the last cache
		return append(dst[:len(dst)-1], prefixEntry+1)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(pos>>16))
	return binary.BigEndian.AppendUint16(dst, uint16(pos))
}

func countKey(cache int32) []byte {
	return binary.BigEndian.AppendUint32([]byte{prefixCount}, uint32(cache))
}

// metaKey is kind, a zero byte, id. Kinds are our own constants without zeros.
func metaKey(kind, id string) []byte {
	k := make([]byte, 0, 2+len(kind)+len(id))
	k = append(k, prefixMeta)
	k = append(k, kind...)
	k = append(k, 0)
	return append(k, id...)
}

func parseEntryKey(b []byte) (partition uint16, key []byte, err error) {
	if len(b) < entryHeader || b[0] != prefixEntry {
		return 0, nil, fmt.Errorf("store: broken entry key of %d bytes", len(b))
	}
	return binary.BigEndian.Uint16(b[5:]), b[entryHeader:], nil
}
