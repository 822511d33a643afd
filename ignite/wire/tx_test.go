package wire

import "testing"

func TestTx(t *testing.T) {
	checkRequest(t, 0, &TxStartRequest{Concurrency: TxPessimistic, Isolation: TxSerializable, TimeoutMillis: 1000, Label: "l"}, `
		01 02              # pessimistic, serializable
		e803000000000000   # timeout
		09 01000000 6c     # label`)
	checkResponse(t, 0, OpTxStart, &IntResponse{Value: 258}, "02010000")
	checkRequest(t, 0, &TxEndRequest{TxID: 258, Commit: true}, "02010000 01")
}
