package otlp

// slot is a place for a value that OpenTelemetry's semantic conventions give a meaning to.
type slot uint8

const (
	slotNone slot = iota
	slotMethod
	slotPath
	slotQuery
	slotURL
	slotScheme
	slotHTTPCode
	slotRequestSize
	slotResponseSize
	slotXRequestID
	slotVersion
	slotTransport
	slotServerAddress
	slotServerPort
	slotPeerAddress // of the socket
	slotPeerPort
	slotNetPeerPort // old: of the socket for servers, of the name for clients
	slotNetPeerName // old: the server's name, for clients
	slotPeer        // OpenTracing's: an address, with or without a port
	slotUpstream    // Envoy's: whom it passes a request on to
	slotLocalAddress
	slotLocalPort
	slotDBSystem
	slotDBText
	slotDBOperation
	slotDBCode
	slotRPCSystem
	slotRPCService
	slotRPCMethod
	slotRPCCode
	slotMessagingSystem
	slotMessagingDestination
	slotMessagingOperation
	slotThread
	slotFailed // OpenTracing's: whether it did
	slotFailedWhy
	slotErrorType
	slotExceptionType
	slotExceptionMessage
	slots
)

// role is what an attribute's key means. Of several keys for one slot the highest rank
// wins: instrumentations in transition send old and new names side by side.
type role struct {
	slot slot
	rank uint8
}

// roles are the attributes that have a column, by their names in the conventions of today
// (rank 3), of earlier versions, and of OpenTracing and Envoy (see envoy.go).
var roles = map[string]role{
	"http.request.method":              {slotMethod, 3},
	"http.method":                      {slotMethod, 2},
	"url.path":                         {slotPath, 3},
	"http.target":                      {slotPath, 2},
	"url.query":                        {slotQuery, 3},
	"url.full":                         {slotURL, 3},
	"http.url":                         {slotURL, 2},
	"url.scheme":                       {slotScheme, 3},
	"http.scheme":                      {slotScheme, 2},
	"http.response.status_code":        {slotHTTPCode, 3},
	"http.status_code":                 {slotHTTPCode, 2},
	"http.request.size":                {slotRequestSize, 3},
	"http.request.body.size":           {slotRequestSize, 2},
	"http.request_content_length":      {slotRequestSize, 1},
	"http.response.size":               {slotResponseSize, 3},
	"http.response.body.size":          {slotResponseSize, 2},
	"http.response_content_length":     {slotResponseSize, 1},
	"request_size":                     {slotRequestSize, 1},
	"response_size":                    {slotResponseSize, 1},
	"http.request.header.x-request-id": {slotXRequestID, 3},
	"http.request.header.x_request_id": {slotXRequestID, 2},
	"guid:x-request-id":                {slotXRequestID, 1},
	"network.protocol.version":         {slotVersion, 3},
	"net.protocol.version":             {slotVersion, 2},
	"http.flavor":                      {slotVersion, 1},
	"http.protocol":                    {slotVersion, 1},
	"network.transport":                {slotTransport, 3},
	"net.transport":                    {slotTransport, 2},
	"server.address":                   {slotServerAddress, 3},
	"net.host.name":                    {slotServerAddress, 2},
	"http.host":                        {slotServerAddress, 1},
	"server.port":                      {slotServerPort, 3},
	"net.host.port":                    {slotServerPort, 2},
	"network.peer.address":             {slotPeerAddress, 3},
	"net.sock.peer.addr":               {slotPeerAddress, 2},
	"net.peer.ip":                      {slotPeerAddress, 1},
	"network.peer.port":                {slotPeerPort, 3},
	"net.sock.peer.port":               {slotPeerPort, 2},
	"net.peer.port":                    {slotNetPeerPort, 2},
	"net.peer.name":                    {slotNetPeerName, 2},
	"peer.address":                     {slotPeer, 1},
	"upstream_address":                 {slotUpstream, 1},
	"network.local.address":            {slotLocalAddress, 3},
	"net.sock.host.addr":               {slotLocalAddress, 2},
	"net.host.ip":                      {slotLocalAddress, 1},
	"network.local.port":               {slotLocalPort, 3},
	"net.sock.host.port":               {slotLocalPort, 2},
	"db.system.name":                   {slotDBSystem, 3},
	"db.system":                        {slotDBSystem, 2},
	"db.query.text":                    {slotDBText, 3},
	"db.statement":                     {slotDBText, 2},
	"db.operation.name":                {slotDBOperation, 3},
	"db.operation":                     {slotDBOperation, 2},
	"db.response.status_code":          {slotDBCode, 3},
	"rpc.system.name":                  {slotRPCSystem, 3},
	"rpc.system":                       {slotRPCSystem, 2},
	"rpc.service":                      {slotRPCService, 2},
	"rpc.method":                       {slotRPCMethod, 2},
	"rpc.response.status_code":         {slotRPCCode, 3},
	"rpc.grpc.status_code":             {slotRPCCode, 2},
	"grpc.status_code":                 {slotRPCCode, 1},
	"messaging.system":                 {slotMessagingSystem, 3},
	"messaging.destination.name":       {slotMessagingDestination, 3},
	"messaging.destination":            {slotMessagingDestination, 2},
	"messaging.operation.type":         {slotMessagingOperation, 3},
	"messaging.operation.name":         {slotMessagingOperation, 2},
	"messaging.operation":              {slotMessagingOperation, 1},
	"thread.id":                        {slotThread, 3},
	"error":                            {slotFailed, 1},
	"error.reason":                     {slotFailedWhy, 1},
	"grpc.message":                     {slotFailedWhy, 2},
	"error.type":                       {slotErrorType, 3},
	"exception.type":                   {slotExceptionType, 3},
	"exception.message":                {slotExceptionMessage, 3},
}

// protocols are the names of protocols as SYS and NET spans have them, by the names that
// db.system.name, rpc.system and messaging.system give them. Others stay as they are.
var protocols = map[string]string{
	"mysql": "MySQL", "mariadb": "MySQL", "postgresql": "PostgreSQL", "sqlite": "SQLite", "redis": "Redis", "mongodb": "MongoDB",
	"microsoft.sql_server": "SQL Server", "mssql": "SQL Server", "oracle": "Oracle", "oracle.db": "Oracle", "cassandra": "Cassandra",
	"elasticsearch": "Elasticsearch", "opensearch": "OpenSearch", "memcached": "Memcached", "clickhouse": "ClickHouse",
	"grpc": "gRPC", "dubbo": "Dubbo", "apache_dubbo": "Dubbo", "connect_rpc": "Connect", "jsonrpc": "JSON-RPC",
	"kafka": "Kafka", "rabbitmq": "AMQP", "rocketmq": "RocketMQ", "pulsar": "Pulsar", "nats": "NATS", "mqtt": "MQTT",
}
