package ingest

import (
	"strconv"
	"strings"
	"testing"
)

// TestTypesOfText: each column of a CSV file has the type that keeps all of its values
// as they are. "|" stands between the values of a column.
func TestTypesOfText(t *testing.T) {
	for values, want := range map[string]string{
		"1|-5|0": "int64",
		"9223372036854775807|-9223372036854775808":   "int64",
		"9223372036854775807|9223372036854775808":    "text of decimal",
		"123456789012345678901234567890":             "text of decimal",
		"5|5.5":                                      "float64",
		"0.1|0.30000000000000004|1e-3|.5|-.25|1E400": "text of decimal",
		"0.1|0.30000000000000004|1e-3|.5|-.25|1E300": "float64",
		"5.684341886080802e-14|5.684341886080801e-14|1.000000000000000056e-01|100000000000000000000.000000": "float64",
		"9007199254740993|0.5":           "text of decimal",
		"9007199254740992|0.5":           "float64",
		"9007199254740993|NaN":           "utf8",
		"12345678901234567890.01":        "text of decimal",
		"1234567890123456.78":            "text of decimal",
		"0.12345678901234567890":         "text of decimal",
		"123456789.12":                   "float64",
		"00501|10001":                    "utf8",
		"1_2|3":                          "utf8",
		"+1|2":                           "utf8",
		"5.|6":                           "utf8",
		"0x10|0x11":                      "utf8",
		"1e5|2":                          "float64",
		"1e99999":                        "utf8",
		"-0|1":                           "float64",
		" 5|6 ":                          "int64",
		"1|NaN|inf|-Infinity|nan":        "float64",
		"nan|inf":                        "utf8",
		"1,5|2":                          "utf8",
		"1%|2":                           "utf8",
		"true|FALSE|True":                "bool",
		"true|1":                         "utf8",
		"yes|no":                         "utf8",
		"2020-01-02":                     "utf8",
		"2020-01-02 03:04|9999-12-31":    "text of timestamp",
		"0001-01-01T00:00:00.123456789":  "text of timestamp",
		"2020-01-02 03:04:05.1234567890": "utf8",
		"2020-02-30 00:00:00":            "utf8",
		"0000-00-00 00:00:00":            "utf8",
		"2020-01-02 03:04:05Z|2020-01-02 03:04:05+0100|2020-01-02T03:04:05 -05|2020-01-02 03:04:05 UTC|2020-01-02 03:04:05.5+05:30": "text of timestamp",
		"2020-01-02 03:04:05Z|2020-01-02 03:04:05": "utf8",
		"|1|":   "int64",
		"|":     "utf8",
		" |1":   "int64",
		"1|abc": "utf8",
	} {
		csv := "id,c\n1," + strings.ReplaceAll(values, "|", "\n1,") + "\n"
		if strings.Contains(values, ",") {
			csv = strings.ReplaceAll(csv, values[:3], strconv.Quote(values[:3]))
		}
		schema, _, err := readAll(t, "a.csv", []byte(csv), FileOptions{Comma: ','})
		if err != nil || schema != "id int64, c "+want {
			t.Errorf("%s: %s, want %s (error %v)", values, schema, want, err)
		}
	}
}

// TestDoubleKeepsNumbers: what is called exact comes back from a double digit by digit.
func TestDoubleKeepsNumbers(t *testing.T) {
	for text, want := range map[string]bool{
		"0.1": true, "0.1000000000000000055511151231257827021181583404541015625": true, "0.10000000000000000555": true, "0.1000000000000000055": false,
		"4.9e-324": true, "5e-324": true, "1e-400": false, "1.7976931348623157e308": true, "1e309": false, "0.000": true, "0e999": true,
		"72057594037927936.5": false, "123.4560000000000000": true, "12.5e3": true, "1234567890.1234567e-5": true, "12345678901234567.1e2": false,
	} {
		n, ok := cutNumber(text)
		if got := n.fitsDouble(text); !ok || got != want {
			t.Errorf("%s: %v, want %v (a number: %v)", text, got, want, ok)
		}
	}
}
