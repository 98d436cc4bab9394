package kube

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// InCluster is how the cluster that the server itself runs in is named in Config.Clusters.
const InCluster = "in-cluster"

// Config says which clusters are watched, and what is kept of them.
type Config struct {
	// Clusters are [NAME=]in-cluster or [NAME=]KUBECONFIG[#CONTEXT]. NAME is what the cluster is
	// called in tags; it may be left out where there is one cluster only.
	Clusters []string
	Keys
	// History is how long is remembered who had an address (1 h): spans may come that late.
	History time.Duration
	// Dir is where files are kept by which a server that is started again knows who had an address; "": nowhere.
	Dir string

	now     func() time.Time // tests set it
	restful func(*rest.Config)
}

// Keys are the labels and annotations that become part of tags. Labels are looked for at pods,
// namespaces, nodes and services, annotations at pods. The values of others are not kept.
type Keys struct {
	Labels, Annotations []string
}

// place is one of Config.Clusters.
type place struct{ name, file, context string }

func parsePlace(s string) (p place, err error) {
	name, rest, named := strings.Cut(s, "=")
	if !named {
		name, rest = "", s
	}
	p.name = name
	if p.file, p.context, _ = strings.Cut(rest, "#"); p.file == "" || named && name == "" {
		return p, fmt.Errorf("cluster %q: want [NAME=]in-cluster or [NAME=]KUBECONFIG[#CONTEXT]", s)
	}
	return p, nil
}

// parse reads all of Clusters.
func (c *Config) parse() (list []place, err error) {
	seen := map[string]bool{}
	for _, s := range c.Clusters {
		p, err := parsePlace(s)
		if err != nil {
			return nil, err
		}
		if seen[p.name] {
			return nil, fmt.Errorf("cluster %q: there is another one of this name; write NAME=%s", s, s)
		}
		seen[p.name] = true
		list = append(list, p)
	}
	return list, nil
}

// restConfig is how the cluster's API server is reached.
func (p place) restConfig() (*rest.Config, error) {
	if p.file == InCluster && p.context == "" {
		c, err := rest.InClusterConfig()
		if errors.Is(err, rest.ErrNotInCluster) {
			return nil, errors.New("this is no pod with a service account of Kubernetes: give a kubeconfig in place of " + InCluster)
		}
		return c, err
	}
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: p.file}, &clientcmd.ConfigOverrides{CurrentContext: p.context, ClusterInfo: clientcmdapi.Cluster{}},
	).ClientConfig()
}
