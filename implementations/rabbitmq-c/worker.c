/* The worker: one task after the other, like the library's example amqp_listenq, but with acknowledgements. */

#include <time.h>

#include "task_queue.h"

/* Works on one task. Returns whether it succeeded. */
static int work(amqp_bytes_t body) {
  const char *given = getenv("TASK_SECONDS_PER_DOT");
  double seconds = 0, seconds_per_dot = given ? atof(given) : 1;
  for (size_t i = 0; i < body.len; i++) {
    if (((char *)body.bytes)[i] == '.') seconds += seconds_per_dot;
  }
  struct timespec pause = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - (time_t)seconds) * 1e9)};
  nanosleep(&pause, NULL);
  return memmem(body.bytes, body.len, "error", 5) == NULL;
}

int main(void) {
  amqp_connection_state_t connection = open_task_queue();
  amqp_basic_qos(connection, CHANNEL, 0, 1, 0);
  die_on_error(amqp_get_rpc_reply(connection), "setting the prefetch");
  amqp_basic_consume(connection, CHANNEL, TASK_QUEUE, amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  die_on_error(amqp_get_rpc_reply(connection), "consuming");
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts(" [*] Waiting for messages. To exit press CTRL+C");

  for (;;) {
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(connection);
    die_on_error(amqp_consume_message(connection, &envelope, NULL, 0), "waiting for a message");
    amqp_bytes_t body = envelope.message.body;
    printf(" [x] Received '%.*s'\n", (int)body.len, (char *)body.bytes);
    int status;
    if (work(body)) {
      puts(" [x] Done");
      status = amqp_basic_ack(connection, CHANNEL, envelope.delivery_tag, 0);
    } else {
      fprintf(stderr, " [!] '%.*s' failed\n", (int)body.len, (char *)body.bytes);
      status = amqp_basic_reject(connection, CHANNEL, envelope.delivery_tag, 0);
    }
    amqp_destroy_envelope(&envelope);
    if (status != AMQP_STATUS_OK) {
      fprintf(stderr, "settling: %s\n", amqp_error_string2(status));
      return 1;
    }
  }
}
