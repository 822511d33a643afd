package ignitetest_test

import (
	"os"
	"testing"

	"github.com/kindling-ml/kindling/ignitetest"
)

func TestMain(m *testing.M) { os.Exit(ignitetest.Main(m)) }
