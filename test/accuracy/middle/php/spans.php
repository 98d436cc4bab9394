<?php
// Spans as OpenTelemetry for PHP writes them (a server's, curl's, PDO's): their names, kinds, attributes and propagation, sent by OTLP
// when the request is over. For where no packages can be installed: it is not the SDK.
class Spans {
    const SERVER = 2, CLIENT = 3;
    private static array $ended = [];
    private static array $open = []; // [trace, id] of each

    // Runs a function as a span below the one that is open. The function gets a traceparent to pass on.
    static function span(string $name, int $kind, array $attributes, callable $run) {
        [$trace, $parent] = end(self::$open) ?: [bin2hex(random_bytes(16)), ''];
        if ($kind === self::SERVER && preg_match('/^00-([0-9a-f]{32})-([0-9a-f]{16})-/', $_SERVER['HTTP_TRACEPARENT'] ?? '', $from)) {
            [, $trace, $parent] = $from;
        }
        $id = bin2hex(random_bytes(8));
        self::$open[] = [$trace, $id];
        $start = self::now();
        try {
            return $run("00-$trace-$id-01");
        } finally {
            array_pop(self::$open);
            self::$ended[] = ['traceId' => $trace, 'spanId' => $id, 'parentSpanId' => $parent, 'name' => $name, 'kind' => $kind,
                'startTimeUnixNano' => $start, 'endTimeUnixNano' => self::now(), 'attributes' => self::list($attributes)];
        }
    }

    // The wall clock's time when the process began to ask, and the monotonic one's since, in ns.
    private static function now(): string {
        static $offset = null;
        $offset ??= (int) (microtime(true) * 1e6) * 1000 - hrtime(true);
        return (string) ($offset + hrtime(true));
    }

    private static function list(array $attributes): array {
        return array_map(fn($key, $value) => ['key' => $key, 'value' => is_int($value) ? ['intValue' => (string) $value] : ['stringValue' => $value]], array_keys($attributes), $attributes);
    }

    // Sends what has ended.
    static function flush(): void {
        $resource = ['attributes' => self::list(['service.name' => getenv('OTEL_SERVICE_NAME'), 'telemetry.sdk.language' => 'php', 'process.pid' => getmypid()])];
        $call = curl_init(getenv('OTEL_EXPORTER_OTLP_ENDPOINT') . '/v1/traces');
        curl_setopt_array($call, [CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => ['Content-Type: application/json'],
            CURLOPT_POSTFIELDS => json_encode(['resourceSpans' => [['resource' => $resource, 'scopeSpans' => [['scope' => ['name' => 'by hand'], 'spans' => self::$ended]]]]])]);
        curl_exec($call);
    }
}
register_shutdown_function(Spans::flush(...));
