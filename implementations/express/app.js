// The producer as a web service: Express, with a confirm channel of amqplib, which is opened at the first request and
// again if it is lost.

const { randomUUID } = require('node:crypto');
const amqp = require('amqplib');
const express = require('express');

const url = process.env.AMQP_URL || 'amqp://localhost';
const queue = 'task_queue';
const queueType = process.env.QUEUE_TYPE || 'classic';
const timeout = 10_000; // milliseconds for an answer of the broker: a client waits for the answer to its request
const returned = new Set();
let channel;

async function open() {
  const connection = await amqp.connect(url, { timeout });
  connection.on('error', (err) => console.error('connection lost:', err.message));
  connection.on('close', () => { channel = undefined; });
  const opened = await connection.createConfirmChannel();
  opened.on('error', (err) => console.error('channel closed:', err.message));
  opened.on('close', () => { channel = undefined; connection.close().catch(() => {}); });
  opened.on('return', (message) => returned.add(message.properties.messageId));
  await opened.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': queueType } });
  return opened;
}

function confirmed(opened, body) {
  return new Promise((resolve, reject) => {
    const messageId = randomUUID();
    opened.once('error', reject);
    setTimeout(() => reject(new Error('no confirm in time')), timeout);
    opened.sendToQueue(queue, body, { persistent: true, mandatory: true, messageId }, (err) => {
      opened.off('error', reject);
      if (err || returned.delete(messageId)) reject(err || new Error('the queue is gone'));
      else resolve();
    });
  });
}

const app = express();
app.use(express.raw({ type: () => true, limit: '10mb' }));
app.post('/tasks', async (request, response) => {
  try {
    channel ??= open();
    await confirmed(await channel, request.body);
    response.status(201).send('sent');
  } catch (err) {
    channel = undefined;
    console.error('not sent:', err.message);
    response.status(503).send(`not sent: ${err.message}`);
  }
});
app.listen(process.argv[2], '127.0.0.1', () => console.log('listening'));
