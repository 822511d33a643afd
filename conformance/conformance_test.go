package conformance_test

import (
	"os"
	"testing"

	"github.com/kindling-ml/kindling/conformance"
	"github.com/kindling-ml/kindling/ignitetest"
)

func TestMain(m *testing.M) { os.Exit(ignitetest.Main(m)) }

// TestConformance runs the suite against both servers. The names of its subtests begin
// with the name of the server.
func TestConformance(t *testing.T) {
	t.Run("embedded", func(t *testing.T) {
		conformance.Run(t, conformance.Target{
			Server: ignitetest.Embedded(t),
			Quirks: []conformance.Quirk{conformance.SQLMessages, conformance.EqualHashOrder, conformance.InsertFieldOrder},
		})
	})
	t.Run("ignite-"+ignitetest.IgniteVersion, func(t *testing.T) {
		conformance.Run(t, conformance.Target{Server: ignitetest.Real(t)})
	})
}

// TestCluster runs what depends on where partitions are against two real nodes.
func TestCluster(t *testing.T) {
	srv := ignitetest.Real(t, ignitetest.WithNodes(2))
	conformance.Run(t, conformance.Target{Server: srv}, "scans", "streamer", "topology")
}
