// Package webshop is the WebShop demo: three nodes and seven pods on one machine, an agent
// per node, one server with the embedded store, and the reference trace of 100 spans live.
package webshop
