package node

import (
	"github.com/kindling-ml/kindling/ignite/wire"
)

func (c *conn) binaryTypeNameGet(q *wire.BinaryTypeNameGetRequest) (wire.Response, error) {
	name, err := c.node.types.name(q.Platform, q.TypeID)
	return &wire.StringResponse{Value: name}, err
}

func (c *conn) binaryTypeNamePut(q *wire.BinaryTypeNamePutRequest) (wire.Response, error) {
	return yes(true), c.node.types.putName(q.Platform, q.TypeID, q.TypeName)
}

func (c *conn) binaryTypeGet(q *wire.BinaryTypeGetRequest) (wire.Response, error) {
	return &wire.BinaryTypeGetResponse{Metadata: c.node.types.get(q.TypeID)}, nil
}

func (c *conn) binaryTypePut(q *wire.BinaryTypePutRequest) (wire.Response, error) {
	return done, c.node.types.put(q.Metadata)
}

// binaryConfigurationGet answers with Ignite's defaults.
func (c *conn) binaryConfigurationGet(*wire.BinaryConfigurationGetRequest) (wire.Response, error) {
	return &wire.BinaryConfigurationGetResponse{CompactFooter: true, NameMapper: wire.NameMapperBasicFull}, nil
}
