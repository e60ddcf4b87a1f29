// The worker, without the recovery that amqplib has since 1.1.

const { setTimeout: sleep } = require('node:timers/promises');
const amqp = require('amqplib');

const queue = 'task_queue';
const queueType = process.env.QUEUE_TYPE || 'classic';
const secondsPerDot = Number(process.env.TASK_SECONDS_PER_DOT || 1);

async function main() {
  const connection = await amqp.connect(process.env.AMQP_URL || 'amqp://localhost');
  const channel = await connection.createChannel();
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': queueType } });
  await channel.prefetch(1);
  await channel.consume(queue, async (message) => {
    const text = message.content.toString();
    await sleep((text.split('.').length - 1) * secondsPerDot * 1000);
    channel.ack(message);
  });
}

main();
