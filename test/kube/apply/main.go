// Command apply tries the manifests on an empty API server whose authorization is RBAC: every object
// that the chart can make is taken by a dry run that refuses unknown fields; those of the plain
// manifests are installed; and with the token of the server's account a server can watch all it wants,
// and read nothing else. Last the commands of DeepFlow's pages are run by a real kubectl.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/throughline-io/throughline/server/kube"
)

func main() {
	a := &api{client: &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}}
	flag.StringVar(&a.url, "apiserver", "", "URL of the API server")
	flag.StringVar(&a.token, "token", "", "token of a member of system:masters")
	every := flag.String("every", "", "file of every object that the chart can make")
	kubectl := flag.String("kubectl", "", "the program, with which the commands of the pages are run")
	flag.Parse()
	if err := run(a, *every, *kubectl, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "apply:", err)
		os.Exit(1)
	}
}

func run(a *api, every, kubectl string, manifests []string) error {
	for _, name := range []string{"throughline", "monitoring", "open-telemetry"} {
		if _, err := a.create(object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}, ""); err != nil {
			return err
		}
	}
	wrong := object{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "a", "namespace": "throughline"}, "spec": map[string]any{"prots": []any{}}}
	if _, err := a.create(wrong, dryRun); err == nil || !strings.Contains(err.Error(), "prots") {
		return fmt.Errorf("a field that there is not is taken: %v", err)
	}
	for _, file := range append([]string{every}, manifests...) {
		n, err := a.each(file, func(o object) error {
			if o["kind"] == "Namespace" {
				return nil // it is there
			}
			_, err := a.create(o, dryRun)
			return err
		})
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d objects are valid\n", file, n)
	}
	for _, file := range manifests {
		n, err := a.each(file, func(o object) error {
			if o["kind"] == "Namespace" {
				return nil
			}
			_, err := a.create(o, "?fieldValidation=Strict")
			return err
		})
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d objects are installed\n", file, n)
	}
	if err := a.role(); err != nil {
		return err
	}
	return a.pages(kubectl)
}

const dryRun = "?dryRun=All&fieldValidation=Strict"

// role tries what the server's account may.
func (a *api) role() error {
	answer, err := a.do(http.MethodPost, "/api/v1/namespaces/throughline/serviceaccounts/throughline-server/token", object{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": map[string]any{}})
	if err != nil {
		return err
	}
	var token struct {
		Status struct{ Token string }
	}
	if err := json.Unmarshal(answer, &token); err != nil {
		return err
	}
	account := &api{a.url, token.Status.Token, a.client}
	for _, path := range []string{"/api/v1/secrets", "/api/v1/configmaps", "/api/v1/namespaces/throughline/serviceaccounts", "/apis/apps/v1/deployments", "/apis/rbac.authorization.k8s.io/v1/clusterroles"} {
		if _, err := account.do(http.MethodGet, path, nil); err == nil || !strings.Contains(err.Error(), "403") {
			return fmt.Errorf("the server's account may read %s: %v", path, err)
		}
	}
	dir, err := os.MkdirTemp("", "throughline-kube-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	config, err := account.kubeconfig(dir)
	if err != nil {
		return err
	}
	source, err := kube.New(kube.Config{Clusters: []string{config}})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		source.Run(ctx, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	}()
	if err := source.Wait(ctx); err != nil {
		return fmt.Errorf("with the role of the manifests: %w", err)
	}
	s := source.Status()[0]
	fmt.Printf("with the role of the manifests: %d services are known, all is watched\n", s.Services)
	cancel()
	<-done
	if s.Services < 3 || s.Error != "" {
		return fmt.Errorf("not all is known: %+v", s)
	}
	return nil
}

// object is one of Kubernetes.
type object map[string]any

// each calls with the objects of a file.
func (a *api) each(file string, with func(object) error) (n int, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	d := yaml.NewDecoder(f)
	for {
		var o object
		err := d.Decode(&o)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err == nil && len(o) > 0 {
			n++
			err = with(o)
		}
		if err != nil {
			return n, fmt.Errorf("%s, object %d: %w", file, n, err)
		}
	}
}

// api is an API server.
type api struct {
	url, token string
	client     *http.Client
}

// clusterWide are kinds without a namespace.
var clusterWide = map[string]bool{"Namespace": true, "ClusterRole": true, "ClusterRoleBinding": true}

// create makes an object.
func (a *api) create(o object, options string) ([]byte, error) {
	version, _ := o["apiVersion"].(string)
	kind, _ := o["kind"].(string)
	meta, _ := o["metadata"].(object)
	if meta == nil {
		meta, _ = o["metadata"].(map[string]any)
	}
	path := "/apis/" + version
	if !strings.Contains(version, "/") {
		path = "/api/" + version
	}
	if !clusterWide[kind] {
		path += fmt.Sprintf("/namespaces/%v", meta["namespace"])
	}
	plural := strings.ToLower(kind) + "s"
	if kind == "NetworkPolicy" {
		plural = "networkpolicies"
	}
	answer, err := a.do(http.MethodPost, path+"/"+plural+options, o)
	if err != nil {
		return nil, fmt.Errorf("%s %v: %w", kind, meta["name"], err)
	}
	return answer, nil
}

func (a *api) do(method, path string, o object) ([]byte, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(method, a.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s: %s", resp.Status, answer)
	}
	return answer, nil
}
