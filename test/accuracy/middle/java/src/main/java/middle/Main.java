package middle;

import java.time.Duration;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** A service in Java: Spring MVC or WebFlux, as properties say, or with the argument "netty" Netty alone, with "grpc" gRPC. */
@SpringBootApplication
public class Main {
    static final String BACKEND = System.getenv("BACKEND");
    /** Between calls that belong to no request; zero: there are none. */
    static final Duration BACKGROUND =
            Duration.ofMillis(Long.parseLong(System.getenv().getOrDefault("BACKGROUND", "0ms").replace("ms", "")));

    public static void main(String[] args) throws Exception {
        if (Arrays.asList(args).contains("netty")) {
            NettyAlone.run();
        } else if (Arrays.asList(args).contains("grpc")) {
            GrpcAlone.run();
        } else {
            SpringApplication.run(Main.class, args);
        }
    }

    static void same(String who, String got, String id) {
        if (!got.trim().equals(id)) {
            throw new IllegalStateException(who + " answered " + got + ", want " + id);
        }
    }
}
