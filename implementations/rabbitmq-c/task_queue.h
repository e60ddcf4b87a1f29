/* What producer and worker share: how to connect and declare the queue, and what to do on an error. */

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASK_QUEUE amqp_cstring_bytes("task_queue")
#define CHANNEL 1

/* Ends the program unless the call went well, with the broker's reason if it has given one. */
static void die_on_error(amqp_rpc_reply_t reply, const char *context) {
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
    amqp_channel_close_t *m = reply.reply.decoded;
    fprintf(stderr, "%s: %u %.*s\n", context, m->reply_code, (int)m->reply_text.len, (char *)m->reply_text.bytes);
  } else if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
    amqp_connection_close_t *m = reply.reply.decoded;
    fprintf(stderr, "%s: %u %.*s\n", context, m->reply_code, (int)m->reply_text.len, (char *)m->reply_text.bytes);
  } else {
    fprintf(stderr, "%s: %s\n", context, amqp_error_string2(reply.library_error));
  }
  exit(1);
}

/* Connects to the broker in AMQP_URL, and declares the queue. */
static amqp_connection_state_t open_task_queue(void) {
  const char *given = getenv("AMQP_URL");
  char *url = strdup(given ? given : "amqp://guest:guest@localhost:5672/%2F");
  struct amqp_connection_info info;
  if (amqp_parse_url(url, &info) != AMQP_STATUS_OK) {
    fprintf(stderr, "AMQP_URL cannot be read\n");
    exit(1);
  }
  amqp_connection_state_t connection = amqp_new_connection();
  int status = amqp_socket_open(amqp_tcp_socket_new(connection), info.host, info.port);
  if (status != AMQP_STATUS_OK) {
    fprintf(stderr, "connecting: %s\n", amqp_error_string2(status));
    exit(1);
  }
  die_on_error(amqp_login(connection, info.vhost, AMQP_DEFAULT_MAX_CHANNELS, AMQP_DEFAULT_FRAME_SIZE, 0,
                          AMQP_SASL_METHOD_PLAIN, info.user, info.password),
               "logging in");
  amqp_channel_open(connection, CHANNEL);
  die_on_error(amqp_get_rpc_reply(connection), "opening a channel");
  const char *type = getenv("QUEUE_TYPE");
  amqp_table_entry_t of_type = {
      .key = amqp_cstring_bytes("x-queue-type"),
      .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes(type ? type : "classic")}};
  amqp_table_t arguments = {.num_entries = 1, .entries = &of_type};
  amqp_queue_declare(connection, CHANNEL, TASK_QUEUE, 0, 1, 0, 0, arguments);
  die_on_error(amqp_get_rpc_reply(connection), "declaring the queue");
  return connection;
}
