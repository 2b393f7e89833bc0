// The door to libmicrohttpd: what Swift cannot say itself, because it is variadic or hands out a va_list.
#pragma once

#include <gnutls/abstract.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/// The functions a daemon calls. Lives until `MHD_stop_daemon` has returned.
struct cmhd_callbacks {
  void *context;
  void *(*request_line)(void *context, const char *uri, struct MHD_Connection *connection);
  MHD_AccessHandlerCallback handle;
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection;
  void (*log)(void *context, const char *line);
  /// NULL: without TLS.
  gnutls_certificate_retrieve_function2 *certificate;
};

/// The logger gets a va_list, which Swift cannot read.
static inline void cmhd_log(void *callbacks, const char *format, va_list arguments) {
  char line[512];
  vsnprintf(line, sizeof line, format, arguments);
  const struct cmhd_callbacks *to = (const struct cmhd_callbacks *)callbacks;
  to->log(to->context, line);
}

/// Variadic. The logger comes first, so that complaints about the other options reach it. The certificate's function is
/// a pointer that Swift cannot make a `void *` of.
static inline struct MHD_Daemon *cmhd_start(unsigned int flags, const struct cmhd_callbacks *callbacks,
                                            const struct MHD_OptionItem *options) {
  const struct MHD_OptionItem tls[] = {
    {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
    {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)callbacks->certificate},
    {MHD_OPTION_END, 0, NULL}};
  const struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
  return MHD_start_daemon(flags, 0, NULL, NULL, callbacks->handle, callbacks->context,
                          MHD_OPTION_EXTERNAL_LOGGER, cmhd_log, (void *)callbacks,
                          MHD_OPTION_URI_LOG_CALLBACK, callbacks->request_line, callbacks->context,
                          MHD_OPTION_NOTIFY_COMPLETED, callbacks->completed, callbacks->context,
                          MHD_OPTION_NOTIFY_CONNECTION, callbacks->connection, callbacks->context,
                          MHD_OPTION_ARRAY, options,
                          MHD_OPTION_ARRAY, callbacks->certificate == NULL ? plain : tls, MHD_OPTION_END);
}

/// Variadic.
static inline int cmhd_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : info->connect_fd;
}

/// Variadic. Returns the pointer that the connection callback stored.
static inline void *cmhd_connection_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == NULL ? NULL : info->socket_context;
}

/// Variadic.
static inline const struct sockaddr *cmhd_peer(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

/// The connection that a TLS session belongs to, as libmicrohttpd left it there.
static inline struct MHD_Connection *cmhd_connection_of(gnutls_session_t session) {
  return (struct MHD_Connection *)gnutls_session_get_ptr(session);
}
