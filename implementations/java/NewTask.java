import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The producer: it publishes with confirms, and waits for them for five seconds. */
public class NewTask {
    private static final String TASK_QUEUE_NAME = "task_queue";
    private static final String QUEUE_TYPE = System.getenv().getOrDefault("QUEUE_TYPE", "classic");

    public static void main(String[] argv) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(System.getenv().getOrDefault("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F"));
        String message = argv.length == 0 ? "Hello World!" : String.join(" ", argv);

        try (Connection connection = factory.newConnection();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare(TASK_QUEUE_NAME, true, false, false, Map.of("x-queue-type", QUEUE_TYPE));
            channel.confirmSelect();
            channel.basicPublish("", TASK_QUEUE_NAME, MessageProperties.PERSISTENT_TEXT_PLAIN,
                    message.getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(5_000);
            System.out.println(" [x] Sent '" + message + "'");
        }
    }
}
