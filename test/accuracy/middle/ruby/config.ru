# One call to the backend (Net::HTTP, a connection for each thread) and one statement (mysql2).
require 'mysql2'
require 'net/http'

if ENV.key?('OTEL_EXPORTER_OTLP_ENDPOINT')
  require_relative 'spans'
  use Spans::Rack
end

BACKEND = URI(ENV.fetch('BACKEND'))

def backend
  Thread.current[:backend] ||= Net::HTTP.start(BACKEND.host, BACKEND.port)
end

def database
  Thread.current[:database] ||= Mysql2::Client.new(host: ENV.fetch('DATABASE'), username: 'root')
end

def same(who, got, id)
  raise "#{who} answered #{got}, want #{id}" unless got == id
end

# Calls for no request, from a thread of their own.
every = ENV.fetch('BACKGROUND', '0').to_i / 1000.0
if every.positive?
  Thread.new do
    (1..).each do |n|
      sleep(every * (0.5 + rand))
      backend.get("/background/#{n}")
    end
  end
end

run lambda { |env|
  id = env['PATH_INFO'].split('/').last
  same('backend', backend.get("/b/#{id}").body.strip, id)
  same('database', database.query("SELECT '#{id}' AS id").first['id'], id)
  [200, { 'Content-Type' => 'text/plain' }, ["middle #{id}\n"]]
}
