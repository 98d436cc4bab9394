package sys

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/throughline-io/throughline/pkg/span"
)

const connectorVersion = "3.3.3"

// javaConnector asks a MariaDB server by MariaDB's own connector, and says after each statement that fails which error it has.
const javaConnector = `
import java.sql.*;
import java.util.*;
public class Connector {
  static void fails(Statement s, String sql) throws Exception {
    try {
      s.execute(sql);
      while (s.getMoreResults() || s.getUpdateCount() != -1) {}
      throw new Exception("no error of " + sql);
    } catch (SQLException e) {
      System.out.println(e.getErrorCode());
    }
  }
  public static void main(String[] args) throws Exception {
    String url = "jdbc:mariadb://" + System.getenv("THROUGHLINE_SYS_TEST_ADDRESS") + "/?user=root&allowMultiQueries=true&useServerPrepStmts=true&useBulkStmts=true&prepStmtCacheSize=400&maxAllowedPacket=67108864";
    try (Connection c = DriverManager.getConnection(url); Statement s = c.createStatement()) {
      s.execute("CREATE DATABASE shop");
      s.execute("CREATE TABLE shop.items(a INT PRIMARY KEY, b LONGTEXT) ENGINE=InnoDB");
      try (PreparedStatement p = c.prepareStatement("INSERT INTO shop.items(a,b) VALUES (?,?)")) {
        for (int i = 0; i < 10; i++) { p.setInt(1, i); p.setString(2, "x"); p.addBatch(); }
        p.executeBatch();
        p.setInt(1, 3); p.setString(2, "x"); p.addBatch();
        p.setInt(1, 4); p.setString(2, "x"); p.addBatch();
        try { p.executeBatch(); throw new Exception("no error of a batch"); } catch (SQLException e) { System.out.println(e.getErrorCode()); }
      }
      fails(s, "UPDATE shop.items SET b='y'; INSERT INTO shop.nosuch VALUES (1)");
      fails(s, "BEGIN NOT ATOMIC SELECT 1; SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO=31001; END");
      char[] much = new char[17 << 20];
      Arrays.fill(much, 'v');
      s.execute("SET @much = '" + new String(much) + "'");
      fails(s, "SELEC wrong");
      List<PreparedStatement> all = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        PreparedStatement p = c.prepareStatement("SELECT " + i + "+?");
        p.setInt(1, 1);
        p.executeQuery().close();
        all.add(p);
      }
      for (PreparedStatement p : all) { p.executeQuery().close(); p.close(); }
      fails(s, "SET PASSWORD FOR app = PASSWORD('s3cret')");
      fails(s, "CREATE USER app IDENTIFIED BY 's3cret'");
      s.execute("SET @last = 1");
    }
    System.in.read();
    System.exit(0);
  }
}
`

// connectorSaid is what of it is told of each statement that is not like hundreds of others.
var connectorSaid = []string{
	"COM_STMT_BULK_EXECUTE INSERT INTO shop.items(a,b) VALUES (?,?) 0",
	"COM_STMT_BULK_EXECUTE INSERT INTO shop.items(a,b) VALUES (?,?) 1062",
	"COM_QUERY UPDATE shop.items SET b='y'; INSERT INTO shop.nosuch VALUES (1) 1146",
	"COM_QUERY BEGIN NOT ATOMIC SELECT 1; SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO=31001; END 31001",
	"COM_QUERY SET @much = 'v 0",
	"COM_QUERY SELEC wrong 1064",
	"COM_QUERY SET PASSWORD FOR app = PASSWORD('REDACTED') 1290",
	"COM_QUERY CREATE USER app IDENTIFIED BY 'REDACTED' 1290",
	"COM_QUERY SET @last = 1 0",
}

// MariaDB's connector sends batches as one command, results in turn, requests of more than 16 MiB and hundreds
// of prepared statements: each answer is its own request's, and says what the client was told.
func TestMariaDBsConnector(t *testing.T) {
	t.Parallel()
	jar := kept(t, "mariadb-java-client-"+connectorVersion, func(dir string) error {
		return quietly("mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy", "-Dartifact=org.mariadb.jdbc:mariadb-java-client:"+connectorVersion, "-DoutputDirectory="+dir)
	})
	b := newBed(t)
	s := b.capture(Auto)
	cmd := java(t, "Connector", javaConnector, "-Xmx400m", "-Dmariadb.logging.disable=true", "-cp", filepath.Join(jar, "mariadb-java-client-"+connectorVersion+".jar"))
	cmd.Env = append(os.Environ(), addressVariable+"="+b.mariadb("--max-allowed-packet=64M"))
	client := b.run(cmd)
	for _, want := range []int{1062, 1146, 31001, 1064, 1290, 1290} {
		var told int
		if client.read(&told); told != want {
			t.Fatalf("the client was told error %d, want %d", told, want)
		}
	}
	s.wait(2, func(sp *span.Span) bool { return strings.HasPrefix(sp.Resource, "SET @last") })
	for _, point := range []span.Point{span.PointClientProcess, span.PointServerProcess} {
		spans := s.all(func(sp *span.Span) bool { return sp.Point == point && sp.Protocol == "MySQL" })
		slices.SortFunc(spans, func(a, b span.Span) int { return cmp.Compare(a.Start, b.Start) })
		var said []string
		executed := map[string]int{}
		for _, sp := range spans {
			resource := sp.Resource
			if short := strings.TrimRight(resource, "v"); len(resource) > len(short)+100 {
				resource = short + "v"
			}
			switch text := fmt.Sprintf("%s %s %d", sp.Type, resource, sp.Code); {
			case sp.Type == "COM_STMT_EXECUTE":
				executed[text]++
			case sp.Code != 0 || sp.Type == "COM_STMT_BULK_EXECUTE" || strings.HasPrefix(resource, "SET @"):
				said = append(said, text)
			}
		}
		if diff := gocmp.Diff(connectorSaid, said); diff != "" {
			t.Errorf("%v (-want +got):\n%s", point, diff)
		}
		for i := range 300 {
			want := 2
			if i < 300-256 { // the newest are kept
				want = 1
			}
			if text := fmt.Sprintf("COM_STMT_EXECUTE SELECT %d+? 0", i); executed[text] < want {
				t.Errorf("%v: %d of %s, want %d", point, executed[text], text, want)
			}
		}
		if executed["COM_STMT_EXECUTE  0"] > 300-256 {
			t.Errorf("%v: %d statements without a text", point, executed["COM_STMT_EXECUTE  0"])
		}
	}
}
