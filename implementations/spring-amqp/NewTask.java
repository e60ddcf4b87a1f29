import java.util.concurrent.TimeUnit;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** The producer: it waits five seconds for the confirm, and looks whether the task was returned. */
public class NewTask {
    public static void main(String[] arguments) throws Exception {
        String text = arguments.length == 0 ? "Hello World!" : String.join(" ", arguments);
        try (var context = new AnnotationConfigApplicationContext(TaskQueue.class)) {
            RabbitTemplate template = new RabbitTemplate(context.getBean(CachingConnectionFactory.class));
            template.setMandatory(true);
            CorrelationData sent = new CorrelationData();
            template.convertAndSend("", TaskQueue.NAME, text, sent);
            CorrelationData.Confirm confirm = sent.getFuture().get(5, TimeUnit.SECONDS);
            if (!confirm.ack()) throw new IllegalStateException("not sent: " + confirm.reason());
            if (sent.getReturned() != null) throw new IllegalStateException("not sent: " + sent.getReturned());
            System.out.println(" [x] Sent '" + text + "'");
        }
    }
}
