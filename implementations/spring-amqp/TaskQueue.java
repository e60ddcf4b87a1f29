import java.net.URI;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the producer and the worker share: the broker, and how the queue is declared. */
@Configuration
public class TaskQueue {
    static final String NAME = "task_queue";

    @Bean
    public CachingConnectionFactory connectionFactory() {
        String url = System.getenv().getOrDefault("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F");
        CachingConnectionFactory factory = new CachingConnectionFactory(URI.create(url));
        factory.setPublisherConfirmType(ConfirmType.CORRELATED);
        factory.setPublisherReturns(true);
        return factory;
    }

    @Bean
    public RabbitAdmin admin(CachingConnectionFactory factory) {
        return new RabbitAdmin(factory);
    }

    @Bean
    public Queue queue() {
        String type = System.getenv().getOrDefault("QUEUE_TYPE", "classic");
        return QueueBuilder.durable(NAME).withArgument("x-queue-type", type).build();
    }
}
