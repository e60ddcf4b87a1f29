// The producer: it publishes in confirm mode, and waits five seconds for the confirm.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"workqueue"
)

func main() {
	text := strings.Join(os.Args[1:], " ")
	if text == "" {
		text = "Hello World!"
	}
	if err := publish(text); err != nil {
		log.Fatal(err)
	}
	fmt.Printf(" [x] Sent '%s'\n", text)
}

func publish(text string) error {
	connection, err := amqp.Dial(workqueue.URL)
	if err != nil {
		return err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	if err := workqueue.Declare(channel); err != nil {
		return err
	}
	if err := channel.Confirm(false); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	confirmation, err := channel.PublishWithDeferredConfirmWithContext(ctx, "", workqueue.Queue, false, false,
		amqp.Publishing{DeliveryMode: amqp.Persistent, ContentType: "text/plain", Body: []byte(text)})
	if err != nil {
		return err
	}
	acked, err := confirmation.WaitContext(ctx)
	if err != nil {
		return err
	}
	if !acked {
		return errors.New("the broker refused the task")
	}
	return nil
}
