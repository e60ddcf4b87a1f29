// The worker: the connection manager connects again, and its channel wrapper declares, limits and subscribes again.

const { setTimeout: sleep } = require('node:timers/promises');
const amqp = require('amqp-connection-manager');
const { declare, queue, url } = require('./task_queue');

const secondsPerDot = Number(process.env.TASK_SECONDS_PER_DOT || 1);

async function work(text) {
  await sleep((text.split('.').length - 1) * secondsPerDot * 1000);
  if (text.includes('error')) throw new Error(`the task '${text}' failed`);
}

const connection = amqp.connect([url]);
connection.on('connectFailed', ({ err }) => console.error('no connection:', err.message));
connection.on('disconnect', ({ err }) => console.error('disconnected:', err.message));

const channel = connection.createChannel({ setup: declare });
channel.on('error', (err) => console.error('channel error:', err.message));
channel.consume(queue, async (message) => {
  const text = message.content.toString();
  console.log(" [x] Received '%s'", text);
  try {
    await work(text);
    console.log(' [x] Done');
    channel.ack(message);
  } catch (err) {
    console.error(err);
    channel.nack(message, false, false);
  }
}, { prefetch: 1 });

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => connection.close());
