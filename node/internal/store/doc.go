// Package store keeps the embedded node's entries and its catalog, ordered by
// key: in a directory with pebble, in memory in copy-on-write trees, whose values
// can be sent from where they lie.
//
// It knows caches by number, partitions and encoded keys; what a key or a value
// means is the node's business. Entries are ordered by cache, partition, Java
// hash code and key bytes, which is the order in which Ignite's own partition
// trees keep them, so a scan here and a scan there yield the same sequence.
//
//	s, err := store.Open(store.Options{})           // in memory
//	k := store.Key{Cache: 7, Partition: 3, Hash: h, Bytes: key}
//	err = s.Write(7, []store.Row{{Key: k, Value: v}}, store.Overwrite)
//	cur, err := s.Scan(7, 3, 4)                     // a snapshot of partition 3
//
// Every method of Store is safe for use by several goroutines. A Cursor belongs
// to one goroutine at a time.
package store
