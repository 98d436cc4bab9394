package sys

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline-io/throughline/pkg/span"
)

const (
	dubboVersion = "3.3.6"
	ecjVersion   = "3.33.0" // a compiler that needs no JDK
)

const (
	dubboService = `package shop;
public interface Stock {
  int count(String item);
  String fail(String item);
  void tell(String item);
  class Nothing extends RuntimeException { // of which nobody says where it comes from, for that is long
    public Nothing(String item) { super(item, null, false, false); }
  }
}
`
	dubboProvider = `package shop;
import java.util.List;
import org.apache.dubbo.config.*;
import org.apache.dubbo.config.bootstrap.DubboBootstrap;
public class Provider implements Stock {
  public int count(String item) { return 42; }
  public String fail(String item) { throw new Nothing(item); }
  public void tell(String item) { }
  public static void main(String[] args) throws Exception {
    ServiceConfig<Stock> service = new ServiceConfig<>();
    service.setInterface(Stock.class);
    service.setRef(new Provider());
    ApplicationConfig application = new ApplicationConfig("provider");
    application.setQosEnable(false);
    service.setProtocols(List.of(new ProtocolConfig("dubbo", 20880), new ProtocolConfig("tri", 50051)));
    DubboBootstrap.getInstance().application(application).registry(new RegistryConfig("N/A")).service(service).start();
    System.out.println("true");
    while (System.in.read() >= 0) { }
    System.exit(0);
  }
}
`
	dubboConsumer = `package shop;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.dubbo.config.*;
import org.apache.dubbo.config.bootstrap.DubboBootstrap;
import org.apache.dubbo.rpc.RpcContext;
public class Consumer {
  static Stock refer(String url) {
    ReferenceConfig<Stock> reference = new ReferenceConfig<>();
    reference.setInterface(Stock.class);
    reference.setUrl(url);
    reference.setRetries(0);
    reference.setTimeout(20000);
    MethodConfig tell = new MethodConfig();
    tell.setName("tell");
    tell.setReturn(false);
    reference.setMethods(List.of(tell));
    DubboBootstrap.getInstance().reference(reference);
    return reference.get();
  }
  static int ask(Stock stock, int atOnce, int times, AtomicInteger id) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(atOnce);
    AtomicInteger threw = new AtomicInteger();
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) all.add(pool.submit(() -> {
      for (int k = 0; k < times; k++) {
        int n = id.incrementAndGet();
        RpcContext.getClientAttachment().setAttachment("traceparent", String.format("00-%032x-%016x-01", n, n));
        if (stock.count("apples") != 42) throw new RuntimeException("not 42");
        try {
          stock.fail("pears");
          throw new RuntimeException("did not fail");
        } catch (Stock.Nothing e) {
          threw.incrementAndGet();
        }
        stock.tell("plums");
      }
      return null;
    }));
    for (Future<?> f : all) f.get();
    pool.shutdown();
    return threw.get();
  }
  public static void main(String[] args) throws Exception {
    int atOnce = Integer.parseInt(args[0]), times = Integer.parseInt(args[1]);
    ApplicationConfig application = new ApplicationConfig("consumer");
    application.setQosEnable(false);
    DubboBootstrap.getInstance().application(application).start();
    AtomicInteger id = new AtomicInteger();
    Stock stock = refer("dubbo://127.0.0.1:20880/shop.Stock");
    stock.count("first");
    System.out.println(atOnce);
    System.in.read();
    System.out.println(ask(stock, atOnce, times, id));
    System.out.println(ask(refer("tri://127.0.0.1:50051/shop.Stock"), atOnce, times, id));
    while (System.in.read() >= 0) { }
    System.exit(0);
  }
}
`
)

// dubboInstalled is a directory with Dubbo from Maven Central, and the programs above compiled.
func dubboInstalled(t *testing.T) string {
	name := fmt.Sprintf("dubbo-%s-%08x", dubboVersion, crc32.ChecksumIEEE([]byte(dubboService+dubboProvider+dubboConsumer)))
	return kept(t, name, func(dir string) error {
		pom, lib := filepath.Join(dir, "pom.xml"), filepath.Join(dir, "lib")
		err := errors.Join(os.WriteFile(pom, []byte(`<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>throughline</groupId><artifactId>dubbo</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.dubbo</groupId><artifactId>dubbo</artifactId><version>`+dubboVersion+`</version></dependency>
    <dependency><groupId>org.eclipse.jdt</groupId><artifactId>ecj</artifactId><version>`+ecjVersion+`</version></dependency>
  </dependencies>
</project>`), 0o644), os.Mkdir(filepath.Join(dir, "shop"), 0o755))
		args := []string{"-jar", filepath.Join(lib, "ecj-"+ecjVersion+".jar"), "-17", "-nowarn", "-d", filepath.Join(dir, "classes"), "-cp", filepath.Join(lib, "dubbo-"+dubboVersion+".jar")}
		for name, text := range map[string]string{"Stock": dubboService, "Provider": dubboProvider, "Consumer": dubboConsumer} {
			file := filepath.Join(dir, "shop", name+".java")
			args = append(args, file)
			err = errors.Join(err, os.WriteFile(file, []byte(text), 0o644))
		}
		if err != nil {
			return err
		}
		if err := quietly("mvn", "-q", "-B", "-f", pom, "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies", "-DoutputDirectory="+lib, "-DincludeScope=runtime"); err != nil {
			return err
		}
		return errors.Join(quietly("java", args...), os.WriteFile(filepath.Join(dir, "classes", "logging.properties"), []byte(".level=OFF\n"), 0o644))
	})
}

// dubbo starts one of the programs.
func (b *bed) dubbo(installed, class string, args ...string) *program {
	flags := []string{"-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Ddubbo.application.logger=jdk",
		"-cp", strings.Join([]string{filepath.Join(installed, "classes"), filepath.Join(installed, "lib", "*")}, ":"), "shop." + class}
	cmd := exec.Command("java", append(flags, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+b.t.TempDir()) // it keeps a cache there
	return b.run(cmd)
}

// Dubbo itself, 16 threads at once: by its own protocol on a connection that capture met in its middle, of which tells are answered
// by nobody, and by Triple. Calls whose method threw are errors at both ends, though either protocol says that they went well.
func TestDubbo(t *testing.T) {
	t.Parallel()
	installed := dubboInstalled(t)
	b := newBed(t)
	var there bool
	b.dubbo(installed, "Provider").read(&there)
	consumer := b.dubbo(installed, "Consumer", "16", "5")
	var atOnce, n, byTriple int
	consumer.read(&atOnce)
	s := b.capture(Auto)
	consumer.tell(0)
	consumer.read(&n)
	consumer.read(&byTriple)
	if n != 5*atOnce || byTriple != n {
		t.Errorf("%d and %d calls threw", n, byTriple)
	}
	ends := []span.Point{span.PointClientProcess, span.PointServerProcess}
	for _, p := range ends {
		s.wait(3*n, func(sp *span.Span) bool { return sp.Protocol == "gRPC" && sp.Point == p })
	}
	traces := map[span.TraceID]int{}
	of := func(sp *span.Span) string {
		if !sp.TraceID.IsZero() {
			traces[sp.TraceID]++
		}
		return fmt.Sprint(sp.Type, " ", sp.Endpoint, " ", sp.Code, " ", sp.Status, " ", sp.StatusMessage)
	}
	wantSessions(t, s, "Dubbo", map[string]int{
		"count shop.Stock/count 20 ok ": n, "fail shop.Stock/fail 20 server error shop.Stock$Nothing": n, "tell shop.Stock/tell 0 unknown ": n,
	}, of)
	for _, p := range ends {
		wantTally(t, s, p.String(), tally(s, "gRPC", p, of), map[string]int{
			"count /shop.Stock/count 0 ok ": n, "fail /shop.Stock/fail 0 server error tri-exception-code": n, "tell /shop.Stock/tell 0 ok ": n,
		})
	}
	if len(traces) != 2*n {
		t.Errorf("%d traces, want one of each counting", len(traces))
	}
}
