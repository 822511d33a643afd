package main

/*
#include "outbox.h"
*/
import "C"

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/internal/metrics"
)

// envMetrics names the address at which a process serves its metrics.
const envMetrics = "KINDLING_METRICS"

// metricsServer is nil where none is wanted or it could not listen.
var metricsServer atomic.Pointer[metrics.Server]

// The metrics are served from when the library is loaded to the end of the
// process. Loading does not wait for that.
func init() {
	if addr := getenv(envMetrics); addr != "" {
		go func() {
			if err := serveMetrics(addr); err != nil {
				fmt.Fprintf(os.Stderr, "kindling: %s=%s: %v; the process goes on without metrics\n", envMetrics, addr, err)
			}
		}()
	}
}

func serveMetrics(addr string) error {
	s, err := metrics.Serve(context.Background(), addr, source.CacheStats)
	if err != nil {
		return err
	}
	metricsServer.Store(s)
	return nil
}

// statsRequest asks for the sum over some datasets. Without any it asks what the
// library holds.
type statsRequest struct {
	Of []struct {
		Spec  json.RawMessage
		Since *dataset.Stats
	}
}

// stats tells what has been read for specs in this process, each since an earlier
// answer for it. The rates are those of now.
func stats(_ context.Context, r statsRequest) (any, error) {
	if len(r.Of) == 0 {
		return holdings(), nil
	}
	var sum dataset.Stats
	for _, of := range r.Of {
		spec, err := dataset.ParseSpec(of.Spec)
		if err != nil {
			return nil, badArgument("%v", err)
		}
		now := source.Stats(spec)
		since := now
		if of.Since != nil {
			since = now.Sub(*of.Since)
			since.Elapsed = now.Elapsed
			since.RowsPerSecond, since.BytesPerSecond, since.PagesPerSecond = now.RowsPerSecond, now.BytesPerSecond, now.PagesPerSecond
		}
		sum = sum.Add(since)
	}
	return sum, nil
}

// holdings are the numbers of things that the library keeps, and where it serves
// metrics.
func holdings() map[string]any {
	out := map[string]any{
		"streams": source.Open(), "kernels": kernels.size(), "handles": objects.size(), "waits": int64(C.kindling_waits()),
	}
	if s := metricsServer.Load(); s != nil {
		out["metrics"] = s.Addr()
	}
	return out
}
