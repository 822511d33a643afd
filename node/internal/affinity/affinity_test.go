package affinity

import "testing"

// longHash is java.lang.Long.hashCode.
func longHash(k int64) int32 { return int32(uint64(k) ^ uint64(k)>>32) }

func TestPartitionPowerOfTwo(t *testing.T) {
	tests := []struct {
		hash  int32
		parts int
		want  int
	}{
		{0, 1024, 0},
		{1, 1024, 1},
		{1023, 1024, 1023},
		{1024, 1024, 0},
		{0x10000, 1024, 1},          // the upper half is folded in
		{-1, 1024, 0},               // 0xffffffff ^ 0x0000ffff
		{longHash(-1), 1024, 0},     // Long.hashCode(-1) is 0
		{0x7fffffff, 32, 0},         // ...ffff ^ 7fff ends in 0x8000
		{-2147483648, 65536, 32768}, // the sign bit, shifted without sign
		{5, 1, 0},
	}
	for _, tt := range tests {
		if got := Partition(tt.hash, tt.parts); got != tt.want {
			t.Errorf("Partition(%#x, %d) = %d, want %d", uint32(tt.hash), tt.parts, got, tt.want)
		}
	}
}

func TestPartitionAnyCount(t *testing.T) {
	tests := []struct {
		hash  int32
		parts int
		want  int
	}{
		{0, 10, 0},
		{17, 10, 7},
		{-17, 10, 7},
		{-2147483648, 10, 8},
		{-2147483648, 1000, 648},
	}
	for _, tt := range tests {
		if got := Partition(tt.hash, tt.parts); got != tt.want {
			t.Errorf("Partition(%d, %d) = %d, want %d", tt.hash, tt.parts, got, tt.want)
		}
	}
}

func TestPartitionInRange(t *testing.T) {
	hashes := []int32{0, 1, -1, 2147483647, -2147483648, 123456789, -987654321}
	for _, parts := range []int{1, 2, 3, 32, 100, 512, 1000, 1024, MaxPartitions} {
		for _, h := range hashes {
			if p := Partition(h, parts); p < 0 || p >= parts {
				t.Errorf("Partition(%d, %d) = %d, out of range", h, parts, p)
			}
		}
	}
}
