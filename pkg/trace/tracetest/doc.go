// Package tracetest makes spans for tests: the WebShop's reference trace as the agents
// would see it, many such traces on shared connections, and one trace of any size; and it
// writes and reads spans that were recorded.
package tracetest
