// The producer: it publishes on a confirm channel, and waits for the confirm.

const amqp = require('amqplib');

const queue = 'task_queue';
const queueType = process.env.QUEUE_TYPE || 'classic';
const text = process.argv.slice(2).join(' ') || 'Hello World!';

async function main() {
  const connection = await amqp.connect(process.env.AMQP_URL || 'amqp://localhost');
  try {
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': queueType } });
    channel.sendToQueue(queue, Buffer.from(text), { persistent: true });
    await channel.waitForConfirms();
    console.log(" [x] Sent '%s'", text);
  } finally {
    await connection.close();
  }
}

main().catch((err) => {
  console.error(err);
  process.exitCode = 1;
});
