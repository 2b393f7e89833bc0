// The upper bound for libmicrohttpd on this machine: reads the body, answers 202, stores nothing.
// usage: mhd202 [poll|epoll] THREADS; prints its port.
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct body { char *bytes; size_t count; };

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **slot) {
  struct body *body = *slot;
  if (body == NULL) { *slot = calloc(1, sizeof *body); return MHD_YES; }
  if (*size > 0) {
    body->bytes = realloc(body->bytes, body->count + *size);
    memcpy(body->bytes + body->count, data, *size);
    body->count += *size;
    *size = 0;
    return MHD_YES;
  }
  struct MHD_Response *response = MHD_create_response_from_buffer(2, (void *)"{}", MHD_RESPMEM_PERSISTENT);
  MHD_add_response_header(response, "Content-Type", "application/json");
  enum MHD_Result result = MHD_queue_response(connection, 202, response);
  MHD_destroy_response(response);
  return result;
}

static void completed(void *context, struct MHD_Connection *connection, void **slot, enum MHD_RequestTerminationCode code) {
  struct body *body = *slot;
  if (body != NULL) { free(body->bytes); free(body); }
}

int main(int count, char **arguments) {
  int epoll = count > 1 && strcmp(arguments[1], "epoll") == 0;
  unsigned threads = count > 2 ? atoi(arguments[2]) : 2;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  unsigned flags = epoll ? MHD_USE_EPOLL_INTERNAL_THREAD : MHD_USE_POLL_INTERNAL_THREAD;
  struct MHD_Daemon *daemon = threads > 1
    ? MHD_start_daemon(flags, 0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &address,
                       MHD_OPTION_THREAD_POOL_SIZE, threads, MHD_OPTION_CONNECTION_LIMIT, 2048,
                       MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END)
    : MHD_start_daemon(flags, 0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &address,
                       MHD_OPTION_CONNECTION_LIMIT, 2048, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
  if (daemon == NULL) return 1;
  printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
  fflush(stdout);
  pause();
}
