<?php
// index.php with spans.
require __DIR__ . '/spans.php';
[, $id] = explode('/', trim($_SERVER['REQUEST_URI'], '/'));
function same($who, $got, $id) {
    if ($got !== $id) {
        throw new Exception("$who answered $got, want $id");
    }
}
Spans::span($_SERVER['REQUEST_METHOD'], Spans::SERVER, ['http.request.method' => $_SERVER['REQUEST_METHOD'], 'url.path' => $_SERVER['REQUEST_URI'], 'url.scheme' => 'http'], function () use ($id) {
    try {
        $url = getenv('BACKEND') . '/b/' . $id;
        same('backend', Spans::span('GET', Spans::CLIENT, ['http.request.method' => 'GET', 'url.full' => $url], function ($context) use ($url) {
            $call = curl_init($url);
            curl_setopt_array($call, [CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => ["traceparent: $context"]]);
            return trim(curl_exec($call));
        }), $id);
        $database = new PDO('mysql:host=' . getenv('DATABASE'), 'root', '');
        $sql = "SELECT '$id'";
        same('database', Spans::span('PDO::query', Spans::CLIENT, ['db.system.name' => 'mysql', 'db.query.text' => $sql], fn() => $database->query($sql)->fetchColumn()), $id);
        echo "middle $id\n";
    } catch (Throwable $error) {
        http_response_code(500);
        echo $error->getMessage();
    }
});
