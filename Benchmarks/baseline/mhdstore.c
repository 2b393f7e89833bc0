// A plain store for comparison: libmicrohttpd and SQLite with group commit, the body uncompressed.
// usage: mhdstore FILE; prints its port.
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct body { char *bytes; size_t count; struct MHD_Connection *connection; int stored; struct body *next; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static struct body *queue;
static sqlite3 *database;

static void *write_bodies(void *unused) {
  sqlite3_stmt *begin, *insert, *commit;
  sqlite3_prepare_v2(database, "begin immediate", -1, &begin, NULL);
  sqlite3_prepare_v2(database, "insert into inbox (body) values (?)", -1, &insert, NULL);
  sqlite3_prepare_v2(database, "commit", -1, &commit, NULL);
  for (;;) {
    pthread_mutex_lock(&lock);
    while (queue == NULL) pthread_cond_wait(&came, &lock);
    struct body *batch = queue;
    queue = NULL;
    pthread_mutex_unlock(&lock);
    sqlite3_step(begin); sqlite3_reset(begin);
    for (struct body *body = batch; body != NULL; body = body->next) {
      sqlite3_bind_blob(insert, 1, body->bytes, (int)body->count, SQLITE_STATIC);
      if (sqlite3_step(insert) != SQLITE_DONE) abort();
      sqlite3_reset(insert);
    }
    if (sqlite3_step(commit) != SQLITE_DONE) abort();
    sqlite3_reset(commit);
    while (batch != NULL) {
      struct body *next = batch->next;
      batch->stored = 1;
      MHD_resume_connection(batch->connection);
      batch = next;
    }
  }
}

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
  if (!body->stored) {
    body->connection = connection;
    MHD_suspend_connection(connection);
    pthread_mutex_lock(&lock);
    body->next = queue;
    queue = body;
    pthread_cond_signal(&came);
    pthread_mutex_unlock(&lock);
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
  if (count < 2 || sqlite3_open(arguments[1], &database) != SQLITE_OK) return 1;
  sqlite3_exec(database, "pragma journal_mode=wal; pragma synchronous=full;"
                         "create table if not exists inbox (id integer primary key, body blob)", NULL, NULL, NULL);
  pthread_t writer;
  pthread_create(&writer, NULL, write_bodies, NULL);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct MHD_Daemon *daemon = MHD_start_daemon(
    MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, NULL,
    MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE, 2, MHD_OPTION_CONNECTION_LIMIT, 2048,
    MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
  if (daemon == NULL) return 1;
  printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
  fflush(stdout);
  pause();
}
