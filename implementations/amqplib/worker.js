// The worker: after a lost connection, amqplib connects again and runs `subscribe` again (its recovery). It does not
// recover a consumer or a channel that the broker ends: that ends the program.

const { setTimeout: sleep } = require('node:timers/promises');
const amqp = require('amqplib');

const queue = 'task_queue';
const queueType = process.env.QUEUE_TYPE || 'classic';
const secondsPerDot = Number(process.env.TASK_SECONDS_PER_DOT || 1);

async function work(text) {
  await sleep((text.split('.').length - 1) * secondsPerDot * 1000);
  if (text.includes('error')) throw new Error(`the task '${text}' failed`);
}

async function subscribe(connection) {
  const channel = await connection.createChannel();
  let open = true;
  channel.on('close', () => {
    open = false;
  });

  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': queueType } });
  await channel.prefetch(1);
  await channel.consume(queue, async (message) => {
    if (message === null) throw new Error('consumer cancelled by server');
    const text = message.content.toString();
    console.log(" [x] Received '%s'", text);
    try {
      await work(text);
      console.log(' [x] Done');
      if (open) channel.ack(message); // otherwise the task is redelivered
    } catch (err) {
      console.error(err);
      if (open) channel.reject(message, false);
    }
  });
  console.log(' [*] Waiting for messages. To exit press CTRL+C');
}

async function main() {
  const connection = await amqp.connect(process.env.AMQP_URL || 'amqp://localhost', {
    recovery: { setup: subscribe, initialMaxRetries: 8 },
  });
  connection.on('error', (err) => console.error('connection error:', err.message));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => connection.close());
}

main();
