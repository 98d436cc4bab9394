//go:build mage

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/magefile/mage/sh"
)

// Kube runs the tests of Kubernetes against a real kube-apiserver, which it builds when it is not
// there (8 CPU minutes, once), and records anew what CI plays: server/kube/testdata. Then it renders
// the Helm chart, tries all that the chart can make, and runs the commands of DeepFlow's pages by kubectl.
func Kube(ctx context.Context) error {
	program, err := builtOnce("kube-apiserver-test", ".")
	if err != nil {
		return err
	}
	kubectl, err := builtOnce("kubectl", "k8s.io/kubernetes/cmd/kubectl")
	if err != nil {
		return err
	}
	for _, run := range []string{"^TestWhoHadAnAddressWhen$", "^TestManyPods$"} {
		err := withAPIServer(ctx, program, "AlwaysAllow", func(url, token string) error {
			return sh.RunV("go", "test", "-count=1", "-v", "-run", run, "./server/kube", "-apiserver", url, "-apiserver-token", token)
		})
		if err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "throughline-chart-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	every := filepath.Join(dir, "every.yaml")
	if err := manifests(every); err != nil {
		return err
	}
	return withAPIServer(ctx, program, "RBAC", func(url, token string) error {
		return sh.RunV("go", "run", "./test/kube/apply", "-apiserver", url, "-token", token, "-every", every, "-kubectl", kubectl, "deploy/kubernetes/throughline.yaml", "deploy/otel-agent.yaml")
	})
}

// Manifests renders the Helm chart into deploy/kubernetes/throughline.yaml, as `helm template` does.
func Manifests() error { return manifests("") }

// manifests renders the chart, and into a file, where one is named, every object that any combination of its values makes.
func manifests(every string) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	deploy := filepath.Join(root, "deploy")
	return sh.RunV("go", "run", "-C", filepath.Join("test", "kube", "testdata", "render"), ".", "-chart", filepath.Join(deploy, "helm", "throughline"),
		"-values", filepath.Join(deploy, "kubernetes", "values.yaml"), "-out", filepath.Join(deploy, "kubernetes", "throughline.yaml"), "-every", every)
}

// builtOnce is a program of test/kube/testdata/apiserver, a module of its own, built where its version is new.
func builtOnce(name, pkg string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join("test", "kube", "testdata", "apiserver")
	program := filepath.Join(cache, "throughline", name)
	for _, file := range []string{"main.go", "go.mod"} {
		newer, err := newerThan(filepath.Join(dir, file), program)
		if err != nil {
			return "", err
		}
		if newer {
			fmt.Println("building", name+": that takes minutes, once")
			return program, sh.RunV("go", "build", "-C", dir, "-ldflags", "-s -w", "-o", program, pkg)
		}
	}
	return program, nil
}

// withAPIServer calls with while an empty kube-apiserver runs.
func withAPIServer(ctx context.Context, program, authorization string, with func(url, token string) error) error {
	dir, err := os.MkdirTemp("", "throughline-kube-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, program, "-dir", dir, "-stdin", "-authorization", authorization)
	hold, err := cmd.StdinPipe() // it ends when this is closed
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { hold.Close(); cmd.Wait() }()
	var ready struct{ URL, Token string }
	line := bufio.NewScanner(out)
	if !line.Scan() {
		return fmt.Errorf("the kube-apiserver did not begin: %v", line.Err())
	}
	if err := json.Unmarshal(line.Bytes(), &ready); err != nil {
		return err
	}
	return with(ready.URL, ready.Token)
}
