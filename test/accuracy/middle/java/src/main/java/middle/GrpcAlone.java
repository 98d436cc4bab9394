package middle;

import static middle.Main.BACKGROUND;
import static middle.Main.same;

import com.google.protobuf.StringValue;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.springframework.jdbc.core.JdbcTemplate;

/** A server of gRPC: for a method of any name, /a/ID, one call to the backend by gRPC and one statement, by the thread that serves. */
final class GrpcAlone {
    private static final ManagedChannel channel =
            Grpc.newChannelBuilder("dns:///" + System.getenv("BACKEND_GRPC"), InsecureChannelCredentials.create()).build();

    private static MethodDescriptor<StringValue, StringValue> method(String name) {
        var marshaller = ProtoUtils.marshaller(StringValue.getDefaultInstance());
        return MethodDescriptor.newBuilder(marshaller, marshaller)
                .setType(MethodDescriptor.MethodType.UNARY).setFullMethodName(name).build();
    }

    private static String id(String method) {
        return method.substring(method.lastIndexOf('/') + 1);
    }

    private static String call(String method) {
        var request = StringValue.of(id(method));
        return ClientCalls.blockingUnaryCall(channel, method(method), CallOptions.DEFAULT, request).getValue();
    }

    static void run() throws Exception {
        var pool = new HikariConfig();
        pool.setJdbcUrl("jdbc:mariadb://" + System.getenv("DATABASE") + ":3306/");
        pool.setUsername("root");
        pool.setMaximumPoolSize(32);
        var database = new JdbcTemplate(new HikariDataSource(pool));
        var methods = new HandlerRegistry() {
            @Override
            public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
                var id = id(name);
                return ServerMethodDefinition.create(method(name), ServerCalls.asyncUnaryCall((request, response) -> {
                    same("backend", call("b/" + id), id);
                    same("database", database.queryForObject("SELECT '" + id + "'", String.class), id);
                    response.onNext(StringValue.of("middle " + id));
                    response.onCompleted();
                }));
            }
        };
        if (BACKGROUND.toMillis() > 0) {
            Executors.newSingleThreadScheduledExecutor().scheduleAtFixedRate(
                    () -> call("background/job"),
                    BACKGROUND.toMillis(), BACKGROUND.toMillis(), TimeUnit.MILLISECONDS);
        }
        Grpc.newServerBuilderForPort(8080, InsecureServerCredentials.create())
                .fallbackHandlerRegistry(methods).build().start().awaitTermination();
    }
}
