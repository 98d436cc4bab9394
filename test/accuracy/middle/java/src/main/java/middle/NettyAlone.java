package middle;

import static middle.Main.BACKEND;
import static middle.Main.BACKGROUND;
import static middle.Main.same;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** One call: a server and a client of Netty, each with event loops of its own. */
final class NettyAlone {
    private static final HttpClient client = HttpClient.create().baseUrl(BACKEND).runOn(LoopResources.create("client", 2, true));

    private static Mono<String> get(String path) {
        return client.get().uri(path).responseContent().aggregate().asString();
    }

    static void run() {
        if (BACKGROUND.toMillis() > 0) {
            Flux.interval(BACKGROUND).onBackpressureDrop().concatMap(n -> get("/background/" + n)).subscribe();
        }
        HttpServer.create().port(8080).runOn(LoopResources.create("server", 2, true))
                .route(routes -> routes.get("/a/{id}", (request, response) -> {
                    String id = request.param("id");
                    return response.sendString(get("/b/" + id).map(got -> {
                        same("backend", got, id);
                        return "middle " + id;
                    }));
                }))
                .bindNow().onDispose().block();
    }
}
