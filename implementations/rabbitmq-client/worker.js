// The worker: its consumer reconnects by itself, acknowledges if the handler returns, and rejects if it throws.

import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from 'rabbitmq-client'

const queueType = process.env.QUEUE_TYPE || 'classic'
const secondsPerDot = Number(process.env.TASK_SECONDS_PER_DOT || 1)

const rabbit = new Connection(process.env.AMQP_URL || 'amqp://guest:guest@localhost:5672')
rabbit.on('error', (err) => {
  console.error('RabbitMQ connection error', err)
})

const sub = rabbit.createConsumer({
  queue: 'task_queue',
  queueOptions: { durable: true, arguments: { 'x-queue-type': queueType } },
  qos: { prefetchCount: 1 },
  requeue: false,
}, async (msg) => {
  const text = String(msg.body)
  console.log(` [x] Received '${text}'`)
  await sleep((text.split('.').length - 1) * secondsPerDot * 1000)
  if (text.includes('error')) throw new Error(`the task '${text}' failed`)
  console.log(' [x] Done')
})
sub.on('error', (err) => {
  console.error('consumer error', err)
})

async function onShutdown() {
  await sub.close()
  await rabbit.close()
}
process.on('SIGINT', onShutdown)
process.on('SIGTERM', onShutdown)
