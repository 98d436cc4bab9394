package front

import (
	"net/http"
	"strconv"
	"time"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// helloQuery is what clickhouse-go asks first on each connection.
const helloQuery = "SELECT displayName(), version(), revision(), timezone()"

// hello answers the handshake. The client reads this one block at its own protocol
// revision and all later ones at the revision() it finds inside. The library writes Native
// at revision 0 and cannot be told otherwise, so we say 0.
func (s *Server) hello(w http.ResponseWriter, st *statement) {
	revision, _ := strconv.ParseUint(st.revision, 10, 64) // none is 0
	block := proto.NewBlock()
	block.ServerContext = &column.ServerContext{Timezone: time.UTC}
	for _, c := range [][2]string{{"displayName()", "String"}, {"version()", "String"}, {"revision()", "UInt32"}, {"timezone()", "String"}} {
		if err := block.AddColumn(c[0], column.Type(c[1])); err != nil {
			s.fail(w, err)
			return
		}
	}
	var buf chproto.Buffer
	err := block.Append("throughline-store", s.version, uint32(0), s.timezone)
	if err == nil {
		err = block.Encode(&buf, revision)
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	_ = writeBlock(w, buf.Buf, st.compress) // the client went away
}
