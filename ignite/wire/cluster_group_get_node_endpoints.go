package wire

import (
	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// UnknownTopology as StartTopology asks for all nodes, as EndTopology for the
// newest topology.
const UnknownTopology int64 = -1

// ClusterGroupGetNodeEndpointsRequest asks which server nodes came and went
// between two topology versions, and where they listen for thin clients
// ([FeatureClusterGroupGetNodesEndpoints]); answered by
// [ClusterGroupGetNodeEndpointsResponse].
type ClusterGroupGetNodeEndpointsRequest struct{ StartTopology, EndTopology int64 }

// Op implements [Request].
func (*ClusterGroupGetNodeEndpointsRequest) Op() Op { return OpClusterGroupGetNodeEndpoints }

// Encode implements [Request].
func (q *ClusterGroupGetNodeEndpointsRequest) Encode(w *binary.Writer, _ Features) {
	w.PutInt64(q.StartTopology)
	w.PutInt64(q.EndTopology)
}

// Decode implements [Request].
func (q *ClusterGroupGetNodeEndpointsRequest) Decode(r *binary.Reader, _ Features) {
	q.StartTopology = r.Int64()
	q.EndTopology = r.Int64()
}

// NodeEndpoint is where a node listens: every address and host name it has,
// with the one port of its client connector.
type NodeEndpoint struct {
	ID        uuid.UUID
	Port      int32
	Addresses []string
}

// The fewest bytes an element can have on the wire. Ids have no type byte here.
const (
	nodeEndpointMinBytes = 24
	nodeIDBytes          = 16
)

// ClusterGroupGetNodeEndpointsResponse has the nodes that are in EndTopology
// and not in StartTopology, and those that are no longer.
type ClusterGroupGetNodeEndpointsResponse struct {
	Topology int64
	Added    []NodeEndpoint
	Removed  []uuid.UUID
}

// Encode implements [Response].
func (p *ClusterGroupGetNodeEndpointsResponse) Encode(w *binary.Writer, _ Features) {
	w.PutInt64(p.Topology)
	putList(w, p.Added, func(w *binary.Writer, n NodeEndpoint) {
		w.PutUUID(n.ID)
		w.PutInt32(n.Port)
		putStrs(w, n.Addresses)
	})
	putList(w, p.Removed, (*binary.Writer).PutUUID)
}

// Decode implements [Response].
func (p *ClusterGroupGetNodeEndpointsResponse) Decode(r *binary.Reader, _ Features) {
	p.Topology = r.Int64()
	p.Added = readList(r, nodeEndpointMinBytes, func(r *binary.Reader) NodeEndpoint {
		return NodeEndpoint{ID: r.UUID(), Port: r.Int32(), Addresses: readStrs(r)}
	})
	p.Removed = readList(r, nodeIDBytes, (*binary.Reader).UUID)
}
