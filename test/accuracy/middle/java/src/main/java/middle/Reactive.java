package middle;

import static middle.Main.BACKEND;
import static middle.Main.BACKGROUND;
import static middle.Main.same;

import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One call by WebClient on Netty. */
@RestController
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
class Reactive {
    private final WebClient web = WebClient.create(BACKEND);

    Reactive() {
        if (BACKGROUND.toMillis() > 0) {
            Flux.interval(BACKGROUND).onBackpressureDrop().concatMap(n -> get("/background/" + n)).subscribe();
        }
    }

    private Mono<String> get(String path) {
        return web.get().uri(path).retrieve().bodyToMono(String.class);
    }

    @GetMapping("/a/{id}")
    Mono<String> a(@PathVariable String id) {
        return get("/b/" + id).map(got -> {
            same("backend", got, id);
            return "middle " + id;
        });
    }
}
