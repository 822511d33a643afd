package wire

import "testing"

func TestQueryScanRequest(t *testing.T) {
	info := CacheInfo{CacheID: 1, Flags: FlagKeepBinary}
	checkRequest(t, 0, &QueryScanRequest{CacheInfo: info, PageRows: 512, Partition: AllPartitions}, `
		01000000 01   # cache id, flags
		65            # no filter
		00020000      # rows in a page
		ffffffff      # all partitions
		00            # not local`)
	checkRequest(t, 0, &QueryScanRequest{CacheInfo: info, Filter: value(t, "f"), FilterPlatform: PlatformJava, PageRows: 1, Partition: 5, Local: true}, `
		01000000 01         # cache id, flags
		09 01000000 66 01   # filter and its platform
		01000000            # rows in a page
		05000000            # partition
		01                  # local`)
}

func TestQueryScanResponse(t *testing.T) {
	checkResponse(t, 0, OpQueryScan, &QueryScanResponse{CursorID: 7, Page: Page{Rows: 1, Data: fromHex(t, "08 01 65")}}, `
		0700000000000000   # cursor
		01000000           # 1 row
		08 01 65           # true, null
		00                 # no more`)
}
