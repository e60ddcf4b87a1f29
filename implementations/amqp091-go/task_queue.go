// Package workqueue is what the producer and the worker share: the broker, and how the queue is declared.
package workqueue

import (
	"os"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Queue is the name of the queue.
const Queue = "task_queue"

// URL says where the broker is.
var URL = variable("AMQP_URL", "amqp://guest:guest@localhost:5672/")

// Declare declares the queue.
func Declare(channel *amqp.Channel) error {
	_, err := channel.QueueDeclare(Queue, true, false, false, false,
		amqp.Table{"x-queue-type": variable("QUEUE_TYPE", "classic")})
	return err
}

func variable(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
