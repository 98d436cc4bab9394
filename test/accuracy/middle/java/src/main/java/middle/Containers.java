package middle;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.embedded.jetty.JettyServletWebServerFactory;
import org.springframework.boot.web.embedded.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.embedded.tomcat.TomcatReactiveWebServerFactory;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.embedded.undertow.UndertowServletWebServerFactory;
import org.springframework.boot.web.reactive.server.ReactiveWebServerFactory;
import org.springframework.boot.web.servlet.server.ServletWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;

/** All are on the class path, so one has to be named: -Dcontainer=. */
@Configuration
class Containers {
    @Bean
    @ConditionalOnProperty(name = "container", havingValue = "tomcat")
    ServletWebServerFactory tomcat() {
        return new TomcatServletWebServerFactory();
    }

    @Bean
    @ConditionalOnProperty(name = "container", havingValue = "jetty")
    ServletWebServerFactory jetty() {
        return new JettyServletWebServerFactory();
    }

    @Bean
    @ConditionalOnProperty(name = "container", havingValue = "undertow")
    ServletWebServerFactory undertow() {
        return new UndertowServletWebServerFactory();
    }

    @Bean
    @ConditionalOnProperty(name = "container", havingValue = "tomcat-reactive")
    ReactiveWebServerFactory reactiveTomcat() {
        return new TomcatReactiveWebServerFactory();
    }

    @Bean
    @ConditionalOnProperty(name = "container", havingValue = "netty-reactive")
    ReactiveWebServerFactory netty(ReactorResourceFactory resources) {
        var factory = new NettyReactiveWebServerFactory();
        factory.setResourceFactory(resources);
        return factory;
    }
}
