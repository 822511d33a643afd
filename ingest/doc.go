// Package ingest writes columnar data into Ignite caches: files (CSV, JSON
// lines, Parquet, NPZ, IDX) and any Arrow record reader become entries whose
// values are binary objects, sent by the client's data streamer.
//
// The smallest use:
//
//	reader, err := ingest.OpenFile("cats.csv", ingest.FileOptions{})
//	...
//	defer reader.Release()
//	result, err := ingest.Load(ctx, client, "CATS", reader, ingest.Options{Key: []string{"id"}})
//
// Each Arrow type has one Ignite type, listed at [Options]; where the cache
// declares its fields (query entities, SQL tables) values are converted to the
// declared type, and a value that does not fit is an error that names the
// column and the row.
package ingest
