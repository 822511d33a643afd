package main

import "testing"

// TestRefusedRegistrationsStayRefused: TensorFlow is asked once, and what it said is the
// answer to each later call.
func TestRefusedRegistrationsStayRefused(t *testing.T) {
	for _, answer := range []string{"", "TensorFlow refused the op"} {
		var r registration
		asked := 0
		add := func() string { asked++; return answer }
		if got := r.once(func() string { return "no TensorFlow" }, add); got != "no TensorFlow" || asked != 0 {
			t.Errorf("without TensorFlow: %q, asked %d times", got, asked)
		}
		for call := range 3 {
			if got := r.once(func() string { return "" }, add); got != answer || asked != 1 {
				t.Errorf("call %d: %q after asking %d times, not %q after 1", call, got, asked, answer)
			}
		}
	}
}
