package wire

import "testing"

func TestPageResponse(t *testing.T) {
	p := &PageResponse{Page{Rows: 2, Data: fromHex(t, "03 01000000 65  03 02000000 08 01"), More: true}}
	checkResponse(t, 0, OpQueryScanCursorGetPage, p, `
		02000000            # 2 rows
		03 01000000 65      # 1, null
		03 02000000 08 01   # 2, true
		01                  # more`)
	checkResponse(t, 0, OpQueryScanCursorGetPage, &PageResponse{}, "00000000 00")
}

func TestPageRejects(t *testing.T) {
	for name, body := range map[string]string{
		"rows that no bytes could hold": "05000000 65 65 00",
		"negative rows":                 "ffffffff 65 65 00",
		"bytes without rows":            "00000000 65 65 00",
		"more is neither 0 nor 1":       "01000000 65 65 02",
	} {
		if err := decodeBody(&PageResponse{}, fromHex(t, body), 0); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestPageCheck(t *testing.T) {
	p := Page{Rows: 2, Data: fromHex(t, "65 65 65 65")}
	if err := p.Check(2); err != nil {
		t.Error(err)
	}
	for _, values := range []int{1, 3} {
		if err := p.Check(values); err == nil {
			t.Errorf("no error for %d values a row", values)
		}
	}
}

func TestPageAliasesTheFrame(t *testing.T) {
	body := fromHex(t, "01000000 08 01 65 00")
	var p PageResponse
	if err := decodeBody(&p, body, 0); err != nil {
		t.Fatal(err)
	}
	body[5] = 0
	if p.Data[1] != 0 {
		t.Error("page was copied")
	}
}
