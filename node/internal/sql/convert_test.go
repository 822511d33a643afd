package sql

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"
)

// TestCompareText: the order is that of UTF-16 units, whatever the characters are.
func TestCompareText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chars := rapid.SliceOfN(rapid.SampledFrom([]rune{'a', 'b', 'é', '～', '\ufffd', '😀', '𐀀'}), 0, 4)
		a, b := string(chars.Draw(t, "a")), string(chars.Draw(t, "b"))
		want := slices.Compare(units(a), units(b))
		if got := compareText(a, b); (got < 0) != (want < 0) || (got > 0) != (want > 0) {
			t.Fatalf("compareText(%q, %q) is %d, that of units %d", a, b, got, want)
		}
		if countUnits(a) != len(units(a)) {
			t.Fatalf("countUnits(%q) is %d, want %d", a, countUnits(a), len(units(a)))
		}
	})
}

// TestCompareDecimals: the order of the texts is that of the values.
func TestCompareDecimals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) *apd.Decimal {
			d := apd.New(rapid.Int64Range(-1200, 1200).Draw(t, name), rapid.Int32Range(-8, 3).Draw(t, name+"'s exponent"))
			d.Negative = d.Negative && !d.IsZero()
			return d
		}
		a, b := draw("a"), draw("b")
		want := a.Cmp(b)
		if got := compareDecimals(a.String(), b.String()); (got < 0) != (want < 0) || (got > 0) != (want > 0) {
			t.Fatalf("%s and %s compare as %d, want %d", a, b, got, want)
		}
	})
}

// TestHalfCharacters: half a character is a question mark, as where Java writes UTF-8.
func TestHalfCharacters(t *testing.T) {
	u := units("a😀b")
	for want, at := range map[string][2]int{"a?": {0, 2}, "?b": {2, 4}, "😀": {1, 3}, "": {3, 1}, "a😀b": {0, 99}} {
		if got := u.cut(at[0], at[1]); got != want {
			t.Errorf("cut(%d, %d) is %q, want %q", at[0], at[1], got, want)
		}
	}
}

// TestCalendar: every day has one date, days that follow each other have dates that do, and the texts have the order
// of the days.
func TestCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-4_000_000, 4_000_000).Draw(t, "day")
		at := time.Unix(n*86400, 0).UTC()
		y, m, d := civil(at)
		back, ok := fromCivil(y, m, d)
		if !ok || !back.Equal(at) {
			t.Fatalf("day %d is %d-%d-%d, which is %v, %v", n, y, m, d, back, ok)
		}
		next := at.AddDate(0, 0, 1)
		if textDate(at) >= textDate(next) {
			t.Fatalf("%q is not before %q", textDate(at), textDate(next))
		}
		parsed, err := parseTimestamp(textTimestamp(at))
		if err != nil || !parsed.Equal(at) {
			t.Fatalf("%q is read as %v, %v", textTimestamp(at), parsed, err)
		}
	})
	for text, want := range map[string]string{
		"1582-10-04": "1582-10-14", "1582-10-15": "1582-10-15", "1500-02-29": "1500-03-10", "0001-01-01": "0000-12-30", "2024-02-29": "2024-02-29",
	} {
		got, err := parseTimestamp(text)
		if err != nil || got.Format(time.DateOnly) != want {
			t.Errorf("%s is %s, %v; want %s", text, got.Format(time.DateOnly), err, want)
		}
	}
	for _, bad := range []string{"1582-10-05", "1582-10-14", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01", "x", ""} {
		if _, err := parseTimestamp(bad); err == nil {
			t.Errorf("%q is taken for a date", bad)
		}
	}
}

// TestQuotients have the digits of ValueDecimal.divide.
func TestQuotients(t *testing.T) {
	for in, want := range map[[2]string]string{
		{"1", "3"}: "0.3333333333333333333333333", {"2", "3.000"}: "0.6666666666666666666666667", {"10.00", "4"}: "2.5",
		{"100.0", "5.0"}: "2E+1", {"0.00", "3"}: "0", {"-1", "3"}: "-0.3333333333333333333333333",
	} {
		got, err := decimalOperation('/', decimalOf(t, in[0]), decimalOf(t, in[1]))
		if err != nil || got.String() != want {
			t.Errorf("%s / %s is %s, %v; want %s", in[0], in[1], got, err, want)
		}
	}
	if _, err := decimalOperation('/', decimalOf(t, "1"), decimalOf(t, "0.0")); err == nil {
		t.Error("a division by zero has a result")
	}
}

func decimalOf(t *testing.T, s string) *apd.Decimal {
	t.Helper()
	d, _, err := apd.NewFromString(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestIntegerOperations fail exactly where the result leaves the range of the kind.
func TestIntegerOperations(t *testing.T) {
	edges := []int64{math.MinInt64, math.MinInt64 + 1, -2, -1, 0, 1, 2, math.MaxInt64 - 1, math.MaxInt64, 1 << 32, -1 << 31, 3037000500}
	for _, l := range edges {
		for _, r := range edges {
			for op, exact := range map[byte]func(z, x, y *apd.BigInt) *apd.BigInt{
				'+': (*apd.BigInt).Add, '-': (*apd.BigInt).Sub, '*': (*apd.BigInt).Mul,
			} {
				want := exact(new(apd.BigInt), apd.NewBigInt(l), apd.NewBigInt(r))
				got, err := integerOperation(op, kindLong, l, r)
				if want.IsInt64() != (err == nil) || err == nil && got != want.Int64() {
					t.Errorf("%d %c %d is %v, %v; want %v", l, op, r, got, err, want)
				}
			}
		}
	}
}

// TestTextOfDoubles is Double.toString.
func TestTextOfDoubles(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", 0.1: "0.1", 1e15: "1.0E15", 1e7: "1.0E7", 9999999: "9999999.0", 0.001: "0.001", 0.0001: "1.0E-4",
		123456789: "1.23456789E8", 1.5e300: "1.5E300", math.Inf(1): "Infinity", math.Inf(-1): "-Infinity",
	} {
		if got := javaDouble(f, 64); got != want {
			t.Errorf("%v is %q, want %q", f, got, want)
		}
	}
	if got := javaDouble(float64(float32(0.1)), 32) + javaDouble(math.NaN(), 64); got != "0.1NaN" {
		t.Errorf("a float and NaN are %q", got)
	}
}

// TestRefusedConversions name the value, as H2 does.
func TestRefusedConversions(t *testing.T) {
	for _, tc := range []struct {
		v    any
		to   kind
		want string
	}{
		{"1.5", kindInt, `Data conversion error converting "1.5"`},
		{int64(300), kindByte, `Numeric value out of range: "300"`},
		{math.Inf(1), kindLong, `Numeric value out of range: "Infinity"`},
		{math.NaN(), kindDecimal, `Data conversion error converting "NaN"`},
		{"x", kindBool, `Data conversion error converting "x"`},
		{"2024-01-01 10:00:00", kindDate, `Cannot parse "DATE" constant "2024-01-01 10:00:00"`},
	} {
		if out, err := convertTo(tc.v, tc.to); err == nil || err.Error() != tc.want {
			t.Errorf("%v as %s is %v, %v; want %s", tc.v, typeInfos[tc.to].name, out, fmt.Sprint(err), tc.want)
		}
	}
}
