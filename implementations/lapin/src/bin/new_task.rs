//! The producer: it publishes in confirm mode, and waits for the confirm.

use std::{env, error::Error};

use lapin::{BasicProperties, Confirmation, Connection, ConnectionProperties, options::*};
use workqueue::{QUEUE, declare, url};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let text = if words.is_empty() {
        "Hello World!".into()
    } else {
        words.join(" ")
    };

    let connection = Connection::connect(&url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    declare(&channel).await?;
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await?;
    let options = BasicPublishOptions {
        mandatory: true,
        ..Default::default()
    };
    let persistent = BasicProperties::default().with_delivery_mode(2);
    let confirmation = channel
        .basic_publish(
            "".into(),
            QUEUE.into(),
            options,
            text.as_bytes(),
            persistent,
        )
        .await?
        .await?;
    match confirmation {
        Confirmation::Ack(None) => println!(" [x] Sent '{text}'"),
        other => return Err(format!("not sent: {other:?}").into()),
    }
    connection.close(200, "bye".into()).await?;
    Ok(())
}
