//! What the producer and the worker share: the broker, and how the queue is declared.

use std::env;

use lapin::{
    Channel, Result,
    options::QueueDeclareOptions,
    types::{AMQPValue, FieldTable},
};

pub const QUEUE: &str = "task_queue";

pub fn url() -> String {
    env::var("AMQP_URL").unwrap_or_else(|_| "amqp://guest:guest@localhost:5672/%2f".into())
}

pub async fn declare(channel: &Channel) -> Result<()> {
    let queue_type = env::var("QUEUE_TYPE").unwrap_or_else(|_| "classic".into());
    let mut arguments = FieldTable::default();
    arguments.insert(
        "x-queue-type".into(),
        AMQPValue::LongString(queue_type.into()),
    );
    channel
        .queue_declare(QUEUE.into(), QueueDeclareOptions::durable(), arguments)
        .await?;
    Ok(())
}
