package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// HeartbeatRequest keeps an idle connection alive ([FeatureHeartbeat]);
// answered by [EmptyResponse].
type HeartbeatRequest struct{}

// Op implements [Request].
func (*HeartbeatRequest) Op() Op { return OpHeartbeat }

// Encode implements [Request].
func (*HeartbeatRequest) Encode(*binary.Writer, Features) {}

// Decode implements [Request].
func (*HeartbeatRequest) Decode(*binary.Reader, Features) {}

// GetIdleTimeoutRequest asks after how many milliseconds without a request the
// server closes a connection ([FeatureHeartbeat]); answered by [LongResponse],
// 0 for never.
type GetIdleTimeoutRequest struct{}

// Op implements [Request].
func (*GetIdleTimeoutRequest) Op() Op { return OpGetIdleTimeout }

// Encode implements [Request].
func (*GetIdleTimeoutRequest) Encode(*binary.Writer, Features) {}

// Decode implements [Request].
func (*GetIdleTimeoutRequest) Decode(*binary.Reader, Features) {}
