package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// Flags of a request on a cache.
const (
	FlagKeepBinary    uint8 = 1 // the server leaves binary objects as they are
	FlagTransactional uint8 = 2 // the request belongs to the transaction TxID
	FlagExpiryPolicy  uint8 = 4 // set by the codec when Expiry is there
)

// Durations of an expiry policy with a meaning of their own
// (PlatformExpiryPolicy); others are milliseconds.
const (
	ExpiryUnchanged int64 = -2
	ExpiryEternal   int64 = -1
	ExpiryZero      int64 = 0
)

// CacheInfo starts the body of requests on a cache's data.
type CacheInfo struct {
	// CacheID is the hash of the cache's name (binary.CacheID).
	CacheID int32
	// Flags are FlagKeepBinary and FlagTransactional. A client that reads
	// binary objects itself always sends FlagKeepBinary.
	Flags uint8
	// TxID is the id of a transaction of this connection; sent with
	// FlagTransactional only.
	TxID int32
	// Expiry are the times to live after creation, update and access, in
	// milliseconds or one of the constants; nil for the cache's own policy.
	Expiry *[3]int64
}

// encode writes what Ignite's ClientCacheDataRequest reads.
func (c *CacheInfo) encode(w *binary.Writer) {
	c.encodeBase(w)
	if c.Flags&FlagTransactional != 0 {
		w.PutInt32(c.TxID)
	}
}

// encodeBase writes what Ignite's ClientCacheRequest reads: no transaction.
func (c *CacheInfo) encodeBase(w *binary.Writer) {
	flags := c.Flags &^ FlagExpiryPolicy
	if c.Expiry != nil {
		flags |= FlagExpiryPolicy
	}
	w.PutInt32(c.CacheID)
	w.PutUint8(flags)
	if c.Expiry != nil {
		for _, ms := range c.Expiry {
			w.PutInt64(ms)
		}
	}
}

func (c *CacheInfo) decode(r *binary.Reader) {
	c.decodeBase(r)
	if c.Flags&FlagTransactional != 0 {
		c.TxID = r.Int32()
	}
}

func (c *CacheInfo) decodeBase(r *binary.Reader) {
	*c = CacheInfo{CacheID: r.Int32(), Flags: r.Uint8()}
	if c.Flags&FlagExpiryPolicy != 0 {
		c.Expiry = &[3]int64{r.Int64(), r.Int64(), r.Int64()}
	}
}
