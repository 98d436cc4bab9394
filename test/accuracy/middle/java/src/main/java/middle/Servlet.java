package middle;

import static middle.Main.BACKEND;
import static middle.Main.BACKGROUND;
import static middle.Main.same;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestTemplate;

/** One call and one statement: /a/ by RestTemplate, /h/ by java.net.http, /p/ by RestTemplate on a thread of a pool. */
@RestController
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
class Servlet {
    private final RestTemplate rest = new RestTemplate();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService pool = Executors.newFixedThreadPool(8);
    private final Optional<JdbcTemplate> database;

    Servlet(Optional<JdbcTemplate> database) {
        this.database = database;
        if (BACKGROUND.toMillis() > 0) {
            var calls = new AtomicInteger();
            Executors.newSingleThreadScheduledExecutor().scheduleAtFixedRate(
                    () -> rest.getForObject(BACKEND + "/background/" + calls.incrementAndGet(), String.class),
                    BACKGROUND.toMillis(), BACKGROUND.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void statement(String id) {
        database.ifPresent(d -> same("database", d.queryForObject("SELECT '" + id + "'", String.class), id));
    }

    private void both(String id) {
        same("backend", rest.getForObject(BACKEND + "/b/" + id, String.class), id);
        statement(id);
    }

    @GetMapping("/a/{id}")
    String a(@PathVariable String id) {
        both(id);
        return "middle " + id;
    }

    @GetMapping("/h/{id}")
    String h(@PathVariable String id) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(BACKEND + "/b/" + id)).build();
        same("backend", http.send(request, HttpResponse.BodyHandlers.ofString()).body(), id);
        statement(id);
        return "middle " + id;
    }

    @GetMapping("/p/{id}")
    String p(@PathVariable String id) throws Exception {
        pool.submit(() -> both(id)).get();
        return "middle " + id;
    }
}
