package wire

import "testing"

func TestVersion(t *testing.T) {
	ordered := []Version{{1, 0, 0}, {1, 1, 0}, {1, 7, 0}, {1, 7, 1}, {2, 0, 0}}
	for i, a := range ordered {
		for j, b := range ordered {
			if got, want := a.Compare(b), min(max(i-j, -1), 1); got != want {
				t.Errorf("%s against %s is %d, want %d", a, b, got, want)
			}
		}
	}
	if got := Version170.String(); got != "1.7.0" {
		t.Error(got)
	}
}
