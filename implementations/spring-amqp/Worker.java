import java.nio.charset.StandardCharsets;
import org.springframework.amqp.ImmediateRequeueAmqpException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.annotation.EnableRabbit;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.config.SimpleRabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The worker: its listener container acknowledges, rejects, and connects again. */
@Configuration
@EnableRabbit
@Import(TaskQueue.class)
public class Worker {
    private static final double SECONDS_PER_DOT =
            Double.parseDouble(System.getenv().getOrDefault("TASK_SECONDS_PER_DOT", "1"));

    public static void main(String[] arguments) {
        new AnnotationConfigApplicationContext(Worker.class).registerShutdownHook();
    }

    @Bean
    public SimpleRabbitListenerContainerFactory rabbitListenerContainerFactory(CachingConnectionFactory connections) {
        var factory = new SimpleRabbitListenerContainerFactory();
        factory.setConnectionFactory(connections);
        factory.setPrefetchCount(1);
        factory.setDefaultRequeueRejected(false);
        return factory;
    }

    @RabbitListener(queues = TaskQueue.NAME)
    public void work(Message message) {
        String text = new String(message.getBody(), StandardCharsets.UTF_8);
        System.out.println(" [x] Received '" + text + "'");
        long dots = text.chars().filter(character -> character == '.').count();
        try {
            Thread.sleep((long) (dots * SECONDS_PER_DOT * 1000));
        } catch (InterruptedException e) { // the container ends, and waits no longer
            throw new ImmediateRequeueAmqpException(e);
        }
        if (text.contains("error")) throw new IllegalArgumentException("cannot do '" + text + "'");
        System.out.println(" [x] Done");
    }
}
