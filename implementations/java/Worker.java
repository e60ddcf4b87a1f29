import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DeliverCallback;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The worker: the client connects again and restores queue, prefetch and consumer (automatic recovery). */
public class Worker {
    private static final String TASK_QUEUE_NAME = "task_queue";
    private static final String QUEUE_TYPE = System.getenv().getOrDefault("QUEUE_TYPE", "classic");
    private static final double SECONDS_PER_DOT =
            Double.parseDouble(System.getenv().getOrDefault("TASK_SECONDS_PER_DOT", "1"));

    public static void main(String[] argv) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(System.getenv().getOrDefault("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F"));
        Connection connection = factory.newConnection();
        Channel channel = connection.createChannel();

        channel.queueDeclare(TASK_QUEUE_NAME, true, false, false, Map.of("x-queue-type", QUEUE_TYPE));
        channel.basicQos(1);
        System.out.println(" [*] Waiting for messages. To exit press CTRL+C");

        DeliverCallback deliverCallback = (consumerTag, delivery) -> {
            String message = new String(delivery.getBody(), StandardCharsets.UTF_8);
            long deliveryTag = delivery.getEnvelope().getDeliveryTag();
            System.out.println(" [x] Received '" + message + "'");
            try {
                doWork(message);
            } catch (Exception e) {
                System.err.println(" [!] '" + message + "' failed: " + e);
                channel.basicReject(deliveryTag, false);
                return;
            }
            System.out.println(" [x] Done");
            channel.basicAck(deliveryTag, false);
        };
        channel.basicConsume(TASK_QUEUE_NAME, false, deliverCallback, consumerTag -> {
            System.err.println(" [!] The broker has cancelled the consumer");
            System.exit(1);
        });
    }

    private static void doWork(String task) throws Exception {
        long dots = task.chars().filter(character -> character == '.').count();
        Thread.sleep((long) (dots * SECONDS_PER_DOT * 1000));
        if (task.contains("error")) {
            throw new Exception("the task holds the word 'error'");
        }
    }
}
