/* The producer: it publishes and closes, as the library's example amqp_sendstring does. */

#include "task_queue.h"

int main(int argc, char **argv) {
  char text[1 << 20] = "";
  for (int i = 1; i < argc; i++) {
    if (i > 1) strncat(text, " ", sizeof text - strlen(text) - 1);
    strncat(text, argv[i], sizeof text - strlen(text) - 1);
  }
  if (argc == 1) strcpy(text, "Hello World!");

  amqp_connection_state_t connection = open_task_queue();
  amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG,
                                        .delivery_mode = AMQP_DELIVERY_PERSISTENT};
  int status = amqp_basic_publish(connection, CHANNEL, amqp_empty_bytes, TASK_QUEUE, 0, 0, &properties,
                                  amqp_cstring_bytes(text));
  if (status != AMQP_STATUS_OK) {
    fprintf(stderr, "publishing: %s\n", amqp_error_string2(status));
    return 1;
  }
  die_on_error(amqp_channel_close(connection, CHANNEL, AMQP_REPLY_SUCCESS), "closing the channel");
  die_on_error(amqp_connection_close(connection, AMQP_REPLY_SUCCESS), "closing the connection");
  amqp_destroy_connection(connection);
  printf(" [x] Sent '%s'\n", text);
  return 0;
}
