// The worker: the client's recovery connects again, and declares, limits and subscribes as at first.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"workqueue"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := consume(ctx); err != nil {
		log.Fatal(err)
	}
}

func consume(ctx context.Context) error {
	connection, err := amqp.DialConfig(workqueue.URL, amqp.Config{Recovery: &amqp.Recovery{}})
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
	if err := channel.Qos(1, 0, false); err != nil {
		return err
	}
	deliveries, err := channel.Consume(workqueue.Queue, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	log.Println(" [*] Waiting for messages. To exit press CTRL+C")
	for {
		select {
		case <-ctx.Done():
			return nil
		case delivery, open := <-deliveries:
			if !open {
				return errors.New("the consumer has ended")
			}
			if ctx.Err() == nil {
				handle(delivery)
			}
		}
	}
}

func handle(delivery amqp.Delivery) {
	log.Printf(" [x] Received '%s'", delivery.Body)
	err := work(string(delivery.Body))
	if err != nil {
		log.Printf(" [!] Failed: %v", err)
		err = delivery.Reject(false)
	} else {
		log.Println(" [x] Done")
		err = delivery.Ack(false)
	}
	if err != nil {
		log.Printf("not settled, so the broker delivers it again: %v", err)
	}
}

func work(text string) error {
	perDot, err := strconv.ParseFloat(os.Getenv("TASK_SECONDS_PER_DOT"), 64)
	if err != nil {
		perDot = 1
	}
	time.Sleep(time.Duration(float64(strings.Count(text, ".")) * perDot * float64(time.Second)))
	if strings.Contains(text, "error") {
		return errors.New("the task holds the word 'error'")
	}
	return nil
}
