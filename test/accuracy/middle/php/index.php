<?php
// One call to the backend (curl, a new connection for each request: PHP-FPM keeps none) and one statement (PDO).
[, $id] = explode('/', trim($_SERVER['REQUEST_URI'], '/'));
function same($who, $got, $id) {
    if ($got !== $id) {
        throw new Exception("$who answered $got, want $id");
    }
}
try {
    $call = curl_init(getenv('BACKEND') . '/b/' . $id);
    curl_setopt($call, CURLOPT_RETURNTRANSFER, true);
    same('backend', trim(curl_exec($call)), $id);
    $database = new PDO('mysql:host=' . getenv('DATABASE'), 'root', '');
    same('database', $database->query("SELECT '$id'")->fetchColumn(), $id);
    echo "middle $id\n";
} catch (Throwable $error) {
    http_response_code(500);
    echo $error->getMessage();
}
