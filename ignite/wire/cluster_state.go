package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// ClusterState is whether a cluster serves its caches, as in Ignite's
// ClusterState.
type ClusterState uint8

// The cluster states.
const (
	ClusterInactive       ClusterState = 0
	ClusterActive         ClusterState = 1
	ClusterActiveReadOnly ClusterState = 2
)

// String returns Ignite's name of the state.
func (s ClusterState) String() string {
	return enumName(int(s), "INACTIVE", "ACTIVE", "ACTIVE_READ_ONLY")
}

// ClusterGetStateRequest asks for the cluster's state; answered by
// [ClusterGetStateResponse].
type ClusterGetStateRequest struct{}

// Op implements [Request].
func (*ClusterGetStateRequest) Op() Op { return OpClusterGetState }

// Encode implements [Request].
func (*ClusterGetStateRequest) Encode(*binary.Writer, Features) {}

// Decode implements [Request].
func (*ClusterGetStateRequest) Decode(*binary.Reader, Features) {}

// ClusterGetStateResponse has the cluster's state. Without
// [FeatureClusterStates] it is a bool: a read-only cluster is active then.
type ClusterGetStateResponse struct{ State ClusterState }

// Encode implements [Response].
func (p *ClusterGetStateResponse) Encode(w *binary.Writer, f Features) {
	if f.Has(FeatureClusterStates) {
		w.PutUint8(uint8(p.State))
		return
	}
	w.PutBool(p.State != ClusterInactive)
}

// Decode implements [Response].
func (p *ClusterGetStateResponse) Decode(r *binary.Reader, f Features) {
	if f.Has(FeatureClusterStates) {
		p.State = ClusterState(r.Uint8())
		return
	}
	p.State = ClusterInactive
	if r.Bool() {
		p.State = ClusterActive
	}
}

// ClusterChangeStateRequest changes the cluster's state; answered by
// [EmptyResponse]. Deactivation loses the data of caches in memory.
type ClusterChangeStateRequest struct {
	State ClusterState
	// ForceDeactivation allows a deactivation that loses data. Sent with
	// [FeatureForceDeactivationFlag]; without it the server takes it as true,
	// and so does Decode.
	ForceDeactivation bool
}

// Op implements [Request].
func (*ClusterChangeStateRequest) Op() Op { return OpClusterChangeState }

// Encode implements [Request].
func (q *ClusterChangeStateRequest) Encode(w *binary.Writer, f Features) {
	w.PutUint8(uint8(q.State))
	if f.Has(FeatureForceDeactivationFlag) {
		w.PutBool(q.ForceDeactivation)
	}
}

// Decode implements [Request].
func (q *ClusterChangeStateRequest) Decode(r *binary.Reader, f Features) {
	q.State = ClusterState(r.Uint8())
	q.ForceDeactivation = true
	if f.Has(FeatureForceDeactivationFlag) {
		q.ForceDeactivation = r.Bool()
	}
}
