package wire

import (
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/kindling-ml/kindling/ignite/binary"
)

const (
	handshakeCode    = 1 // first byte of every connection's first message
	clientTypeThin   = 2 // 0 is ODBC, 1 is JDBC
	mapKindHash      = 1 // java.util.HashMap in a typed map
	minHandshakePair = 2
)

// HandshakeRequest is the first message of a connection. Its frame has a
// length like any other, but neither operation code nor request id.
type HandshakeRequest struct {
	// Version of the protocol asked for; the zero value stands for [Version170].
	Version Version
	// Features offered. Sent from version 1.7.0 on.
	Features Features
	// Username and Password are sent when either is not empty.
	Username, Password string
	// UserAttributes are shown in the server's system view of clients. Sent
	// when [FeatureUserAttributes] is offered.
	UserAttributes map[string]string
}

// AppendTo appends the message to dst, without the frame's length.
func (q *HandshakeRequest) AppendTo(dst []byte) []byte {
	w := binary.Writer{Buf: dst}
	v := q.Version
	if v == (Version{}) {
		v = Version170
	}
	w.PutUint8(handshakeCode)
	putVersion(&w, v)
	w.PutUint8(clientTypeThin)
	if v.Compare(Version170) >= 0 {
		putFeatures(&w, q.Features)
		if q.Features.Has(FeatureUserAttributes) {
			putAttributes(&w, q.UserAttributes)
		}
	}
	if v.Compare(version110) >= 0 && (q.Username != "" || q.Password != "") {
		w.PutStr(q.Username)
		w.PutStr(q.Password)
	}
	return w.Buf
}

// Decode reads the message from the body of a frame. It fails for a client
// that is no thin client and for bytes of another protocol. A version this
// package does not speak is no error here: the server answers it with a
// refusal.
func (q *HandshakeRequest) Decode(body []byte) error {
	*q = HandshakeRequest{}
	r := binary.NewReader(body)
	if c := r.Uint8(); c != handshakeCode {
		r.Fail("handshake", fmt.Sprintf("starts with %d, not with 1", c))
	}
	q.Version = readVersion(r)
	if t := r.Uint8(); t != clientTypeThin {
		r.Fail("handshake", fmt.Sprintf("client type %d is not the thin client's 2", t))
	}
	if q.Version.Compare(Version170) >= 0 {
		q.Features = readFeatures(r)
		if q.Features.Has(FeatureUserAttributes) {
			q.UserAttributes = readAttributes(r)
		}
	}
	if q.Version.Compare(version110) >= 0 && r.Len() > 0 {
		q.Username = r.Str()
		q.Password = r.Str()
	}
	if err := r.Err(); err != nil { // bytes behind it are for newer servers, as in Ignite
		return fmt.Errorf("wire: handshake request: %w", err)
	}
	return nil
}

// HandshakeResponse answers [HandshakeRequest]. Accepted decides which other
// fields it has.
type HandshakeResponse struct {
	Accepted bool

	// Features that hold for the connection: the intersection of both sides'.
	Features Features
	// NodeID is the server node's id.
	NodeID uuid.UUID

	// ServerVersion, Message and Status of a refusal: the newest version that
	// the server speaks (0.0.0 when it refused the credentials), and why.
	ServerVersion Version
	Message       string
	Status        Status
}

// AppendTo appends the message to dst, without the frame's length, in the
// layout of version 1.7.0.
func (p *HandshakeResponse) AppendTo(dst []byte) []byte {
	w := binary.Writer{Buf: dst}
	w.PutBool(p.Accepted)
	if p.Accepted {
		putFeatures(&w, p.Features)
		w.PutTypedUUID(p.NodeID)
		return w.Buf
	}
	putVersion(&w, p.ServerVersion)
	putStr(&w, p.Message)
	w.PutInt32(int32(p.Status))
	return w.Buf
}

// Decode reads the message from the body of a frame.
func (p *HandshakeResponse) Decode(body []byte) error {
	*p = HandshakeResponse{}
	r := binary.NewReader(body)
	if p.Accepted = r.Bool(); p.Accepted {
		p.Features = readFeatures(r)
		p.NodeID = r.TypedUUID()
	} else {
		p.ServerVersion = readVersion(r)
		p.Message = r.Str()
		p.Status = Status(r.Int32())
	}
	if err := r.Finish(); err != nil {
		return fmt.Errorf("wire: handshake response: %w", err)
	}
	return nil
}

// Err returns nil when the handshake was accepted, else an error that wraps
// the Status and carries the server's message and version.
func (p *HandshakeResponse) Err() error {
	if p.Accepted {
		return nil
	}
	return fmt.Errorf("handshake refused by a server of protocol %s: %s: %w", p.ServerVersion, p.Message, p.Status)
}

func putVersion(w *binary.Writer, v Version) {
	w.PutInt16(v.Major)
	w.PutInt16(v.Minor)
	w.PutInt16(v.Patch)
}

func readVersion(r *binary.Reader) Version {
	return Version{Major: r.Int16(), Minor: r.Int16(), Patch: r.Int16()}
}

func putFeatures(w *binary.Writer, f Features) {
	b := f.Bytes()
	w.PutUint8(uint8(binary.TypeByteArray))
	w.PutInt32(int32(len(b)))
	w.PutBytes(b)
}

func readFeatures(r *binary.Reader) Features {
	if t := binary.Type(r.Uint8()); t != binary.TypeByteArray {
		r.Fail("features", "found "+t.String()+", not a byte array")
		return 0
	}
	return FeaturesFromBytes(r.Take(r.Count(1)))
}

// putAttributes writes a typed map, sorted so that equal maps give equal
// bytes; none is null.
func putAttributes(w *binary.Writer, attrs map[string]string) {
	if len(attrs) == 0 {
		w.PutNull()
		return
	}
	w.PutUint8(uint8(binary.TypeMap))
	w.PutInt32(int32(len(attrs)))
	w.PutUint8(mapKindHash)
	for _, k := range slices.Sorted(maps.Keys(attrs)) {
		w.PutStr(k)
		w.PutStr(attrs[k])
	}
}

func readAttributes(r *binary.Reader) map[string]string {
	switch t := binary.Type(r.Uint8()); t {
	case binary.TypeNull:
		return nil
	case binary.TypeMap:
	default:
		r.Fail("user attributes", "found "+t.String()+", not a map")
		return nil
	}
	n := r.Int32()
	r.Uint8()
	if n < 0 || int(n) > r.Len()/minHandshakePair {
		r.Fail("user attributes", fmt.Sprintf("%d entries can't fit into %d bytes", n, r.Len()))
		return nil
	}
	attrs := make(map[string]string, min(int(n), maxPrealloc))
	for range n {
		k := r.Str()
		attrs[k] = r.Str()
		if r.Err() != nil {
			return nil
		}
	}
	return attrs
}
