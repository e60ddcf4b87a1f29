// The producer: its publisher declares the queue, waits for the confirm, and tries twice at most.

import { Connection } from 'rabbitmq-client'

const queue = 'task_queue'
const queueType = process.env.QUEUE_TYPE || 'classic'
const text = process.argv.slice(2).join(' ') || 'Hello World!'

const rabbit = new Connection(process.env.AMQP_URL || 'amqp://guest:guest@localhost:5672')
rabbit.on('error', (err) => {
  console.error('RabbitMQ connection error', err)
})

const pub = rabbit.createPublisher({
  confirm: true,
  maxAttempts: 2,
  queues: [{ queue, durable: true, arguments: { 'x-queue-type': queueType } }],
})

try {
  await pub.send({ routingKey: queue, durable: true }, text)
  console.log(` [x] Sent '${text}'`)
} catch (err) {
  console.error('not sent', err)
  process.exitCode = 1
} finally {
  await pub.close()
  await rabbit.close()
}
