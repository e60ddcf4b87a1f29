// What producer and worker share: the broker, and how the queue is declared.

const queue = 'task_queue';
const url = process.env.AMQP_URL || 'amqp://localhost';

function declare(channel) {
  const queueType = process.env.QUEUE_TYPE || 'classic';
  return channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': queueType } });
}

module.exports = { declare, queue, url };
