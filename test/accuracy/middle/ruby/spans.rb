# Spans as the instrumentations of OpenTelemetry for Ruby write them (Rack, Net::HTTP, mysql2): their names, kinds, attributes
# and propagation, in batches, by OTLP. For where no gems can be installed: it is not the SDK.
require 'json'
require 'mysql2'
require 'net/http'
require 'securerandom'

module Spans
  SERVER = 2
  CLIENT = 3
  Span = Struct.new(:trace, :id)
  ENDED = Queue.new

  # Runs a block as a span below that of the thread, or one of another process.
  def self.span(name, kind, attributes, parent = Thread.current[:span])
    before = Thread.current[:span]
    span = Thread.current[:span] = Span.new(parent&.trace || SecureRandom.hex(16), SecureRandom.hex(8))
    start = Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond)
    yield span, attributes
  ensure
    Thread.current[:span] = before
    finish = Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond)
    ENDED << { traceId: span.trace, spanId: span.id, parentSpanId: parent&.id.to_s, name: name, kind: kind,
               startTimeUnixNano: start.to_s, endTimeUnixNano: finish.to_s, attributes: list(attributes) }
  end

  def self.list(attributes)
    attributes.map { |key, value| { key: key, value: value.is_a?(Integer) ? { intValue: value.to_s } : { stringValue: value.to_s } } }
  end

  # A server's span.
  class Rack
    def initialize(app)
      @app = app
    end

    def call(env)
      caller = /\A00-(\h{32})-(\h{16})-\h\h/.match(env['HTTP_TRACEPARENT'])
      attributes = { 'http.method' => env['REQUEST_METHOD'], 'http.host' => env['HTTP_HOST'], 'http.scheme' => 'http', 'http.target' => env['PATH_INFO'] }
      Spans.span("HTTP #{env['REQUEST_METHOD']}", SERVER, attributes, caller && Span.new(caller[1], caller[2])) do
        answer = @app.call(env)
        attributes['http.status_code'] = answer[0]
        answer
      end
    end
  end

  # A call by HTTP, which passes its context on.
  module HTTPClient
    def request(req, body = nil, &block)
      return super if !started? || Thread.current[:untraced]

      attributes = { 'http.method' => req.method, 'http.scheme' => 'http', 'http.target' => req.path, 'net.peer.name' => address, 'net.peer.port' => port }
      Spans.span("HTTP #{req.method}", CLIENT, attributes) do |span|
        req['traceparent'] = "00-#{span.trace}-#{span.id}-01"
        answer = super
        attributes['http.status_code'] = answer.code.to_i
        answer
      end
    end
  end
  Net::HTTP.prepend HTTPClient

  # A statement; its values are obfuscated, as they are by default.
  module Database
    def query(sql, options = {})
      Spans.span(sql[/\A\w+/].downcase, CLIENT, { 'db.system' => 'mysql', 'db.statement' => sql.gsub(/'[^']*'/, '?'), 'net.peer.name' => query_options[:host] }) { super }
    end
  end
  Mysql2::Client.prepend Database

  # Sends what has ended, twice a second.
  Thread.new do
    Thread.current[:untraced] = true
    collector = URI("#{ENV.fetch('OTEL_EXPORTER_OTLP_ENDPOINT')}/v1/traces")
    resource = { attributes: list('service.name' => ENV.fetch('OTEL_SERVICE_NAME'), 'telemetry.sdk.language' => 'ruby', 'process.pid' => Process.pid) }
    loop do
      sleep 0.5
      ended = Array.new(ENDED.size) { ENDED.pop }
      next if ended.empty?

      body = JSON.generate(resourceSpans: [{ resource: resource, scopeSpans: [{ scope: { name: 'by hand' }, spans: ended }] }])
      begin
        Net::HTTP.post(collector, body, 'Content-Type' => 'application/json')
      rescue SystemCallError
        nil # nobody listens yet, or any more
      end
    end
  end
end
