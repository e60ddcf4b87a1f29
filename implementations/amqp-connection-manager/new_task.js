// The producer: its channel wrapper publishes when it is connected, and waits five seconds for the confirm.

const amqp = require('amqp-connection-manager');
const { declare, queue, url } = require('./task_queue');

async function main() {
  const text = process.argv.slice(2).join(' ') || 'Hello World!';
  const connection = amqp.connect([url]);
  connection.on('connectFailed', ({ err }) => console.error('no connection:', err.message));
  connection.on('disconnect', ({ err }) => console.error('disconnected:', err.message));
  const channel = connection.createChannel({ setup: declare, publishTimeout: 5000 });
  channel.on('error', (err) => console.error('channel error:', err.message));
  try {
    await channel.sendToQueue(queue, Buffer.from(text), { persistent: true });
    console.log(" [x] Sent '%s'", text);
  } finally {
    await connection.close();
  }
}

main().catch((err) => {
  console.error(err);
  process.exitCode = 1;
});
