// Command debian makes a Debian package of the programs for one architecture: package.yaml says what is in it. It is a
// module of its own, so that nothing of nfpm is in the product.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // the format "deb"
)

func main() {
	var values = map[string]string{}
	for _, v := range []struct{ name, usage string }{
		{"version", "of the package"}, {"architecture", "amd64 or arm64"}, {"built", "folder of the programs and their SBOM"}, {"shells", "folder of completions"},
	} {
		flag.Func(v.name, v.usage, func(s string) error { values[v.name] = s; return nil })
	}
	out := flag.String("out", "", "folder for the package, throughline_VERSION_ARCHITECTURE.deb")
	flag.Parse()
	file, err := build("package.yaml", *out, func(name string) string { return values[name] })
	if err != nil {
		fmt.Fprintln(os.Stderr, "debian:", err)
		os.Exit(1)
	}
	fmt.Println(file)
}

// build makes the package that a description says, of which value replaces ${NAME}, and returns its file.
func build(description, out string, value func(name string) string) (file string, err error) {
	config, err := nfpm.ParseFileWithEnvMapping(description, value)
	if err != nil {
		return "", err
	}
	info, err := config.Get("deb")
	if err != nil {
		return "", err
	}
	info = nfpm.WithDefaults(info)
	if err := nfpm.Validate(info); err != nil {
		return "", err
	}
	deb, err := nfpm.Get("deb")
	if err != nil {
		return "", err
	}
	info.Target = filepath.Join(out, deb.ConventionalFileName(info))
	to, err := os.Create(info.Target)
	if err != nil {
		return "", err
	}
	return info.Target, errors.Join(deb.Package(info, to), to.Close())
}
