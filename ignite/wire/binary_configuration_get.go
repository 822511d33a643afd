package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// BinaryConfigurationGetRequest asks how the cluster writes binary objects
// ([FeatureBinaryConfiguration]); answered by [BinaryConfigurationGetResponse].
type BinaryConfigurationGetRequest struct{}

// Op implements [Request].
func (*BinaryConfigurationGetRequest) Op() Op { return OpBinaryConfigurationGet }

// Encode implements [Request].
func (*BinaryConfigurationGetRequest) Encode(*binary.Writer, Features) {}

// Decode implements [Request].
func (*BinaryConfigurationGetRequest) Decode(*binary.Reader, Features) {}

// Name mapper modes, as in Ignite's ClientBinaryConfigurationGetResponse.
const (
	NameMapperBasicFull   uint8 = 0 // type names with their package, ids lower-cased
	NameMapperBasicSimple uint8 = 1 // type names without their package
	NameMapperCustom      uint8 = 2
)

// BinaryConfigurationGetResponse is the cluster's BinaryConfiguration.
type BinaryConfigurationGetResponse struct {
	// CompactFooter says that objects leave their field ids to the metadata's
	// schemas; Ignite's default.
	CompactFooter bool
	NameMapper    uint8
}

// Encode implements [Response].
func (p *BinaryConfigurationGetResponse) Encode(w *binary.Writer, _ Features) {
	w.PutBool(p.CompactFooter)
	w.PutUint8(p.NameMapper)
}

// Decode implements [Response].
func (p *BinaryConfigurationGetResponse) Decode(r *binary.Reader, _ Features) {
	p.CompactFooter = r.Bool()
	p.NameMapper = r.Uint8()
}
