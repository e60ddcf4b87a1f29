//! The worker: the client's recovery connects again, and declares, limits and subscribes as at first.

use std::{env, error::Error, time::Duration};

use futures_lite::StreamExt;
use lapin::{Connection, ConnectionProperties, message::Delivery, options::*, types::FieldTable};
use tokio::{
    select,
    signal::unix::{SignalKind, signal},
    time::sleep,
};
use workqueue::{QUEUE, declare, url};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;

    let url = url();
    let properties = ConnectionProperties::default().enable_auto_recover();
    let connection = select! {
        connection = Connection::connect(&url, properties) => connection?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    let channel = connection.create_channel().await?;
    declare(&channel).await?;
    channel.basic_qos(1, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let mut consumer = channel
        .basic_consume(QUEUE.into(), "".into(), options, FieldTable::default())
        .await?;
    println!(" [*] Waiting for messages. To exit press CTRL+C");

    loop {
        let delivery = select! {
            biased;
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            delivery = consumer.next() => delivery,
        };
        match delivery {
            Some(Ok(delivery)) => handle(delivery).await,
            Some(Err(error)) => {
                eprintln!(" [!] {error}");
                channel.wait_for_recovery(error).await?;
            }
            None => return Err("the consumer has ended".into()),
        }
    }
    connection.close(200, "bye".into()).await?;
    Ok(())
}

async fn handle(delivery: Delivery) {
    let text = String::from_utf8_lossy(&delivery.data).into_owned();
    println!(" [x] Received '{text}'");
    let settled = match work(&text).await {
        Ok(()) => {
            println!(" [x] Done");
            delivery.ack(BasicAckOptions::default()).await
        }
        Err(error) => {
            eprintln!(" [!] Failed: {error}");
            delivery.reject(BasicRejectOptions { requeue: false }).await
        }
    };
    if let Err(error) = settled {
        eprintln!("not settled, so the broker delivers it again: {error}");
    }
}

async fn work(text: &str) -> Result<(), String> {
    let per_dot = env::var("TASK_SECONDS_PER_DOT")
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(1.0);
    sleep(Duration::from_secs_f64(
        text.matches('.').count() as f64 * per_dot,
    ))
    .await;
    if text.contains("error") {
        Err(format!("cannot do '{text}'"))
    } else {
        Ok(())
    }
}
