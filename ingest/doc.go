// Package ingest writes columnar data into Ignite caches: files (CSV, JSON,
// Parquet, NPZ, IDX) and any Arrow record reader become entries whose
// values are binary objects, sent by the client's data streamer.
//
// The smallest use:
//
//	result, err := ingest.LoadFiles(ctx, client, "CATS", []string{"cats.csv"}, ingest.FileOptions{}, ingest.Options{Key: []string{"id"}})
//
// [Load] takes the rows of any Arrow reader. The types of text follow from all of its
// values, or from what the cache declares; docs/manual/loading.md has the table.
//
// Each Arrow type has one Ignite type, listed at [Options]; where the cache
// declares its fields (query entities, SQL tables) values are converted to the
// declared type, and a value that does not fit is an error that names the
// column and the row.
package ingest
