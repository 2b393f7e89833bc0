import CMicroHTTPD
import Glibc
import Synchronization
import Threads

/// Poll mode with two threads: epoll mode stalls when exactly 128 connections are ready at once
/// (see docs/decisions/0001-http-mode.md).
func startDaemon(
    _ socket: Int32,
    _ callbacks: UnsafeMutablePointer<cmhd_callbacks>,
    _ limits: HTTPLimits,
    tls: Bool
) -> OpaquePointer? {
    var flags = MHD_USE_POLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue | MHD_USE_ERROR_LOG.rawValue
    if tls { flags |= MHD_USE_TLS.rawValue }
    let options = unsafe [
        option(.LISTEN_SOCKET, Int(socket)),
        option(.THREAD_POOL_SIZE, 2),
        option(.CONNECTION_LIMIT, limits.connectionsMax),
        option(.CONNECTION_MEMORY_LIMIT, 32 << 10),
        // Idle time. Our own limit counts elapsed time and is shorter.
        option(.CONNECTION_TIMEOUT, Int(max(limits.idleSecondsMax, limits.requestSecondsMax).rounded(.up)) + 5),
        option(.END, 0),
    ]
    unsafe MHD_set_panic_func(panicked, nil)
    return unsafe cmhd_start(flags, callbacks, options)
}

private func option(_ name: MHD_OPTION, _ value: Int) -> MHD_OptionItem {
    unsafe MHD_OptionItem(option: name, value: value, ptr_value: nil)
}

/// The callbacks' context is not retained: `stop` ends the library's threads before the server can be released.
func makeCallbacks(for server: HTTPServer) -> UnsafeMutablePointer<cmhd_callbacks> {
    let callbacks = UnsafeMutablePointer<cmhd_callbacks>.allocate(capacity: 1)
    unsafe callbacks.initialize(
        to: cmhd_callbacks(
            context: Unmanaged.passUnretained(server).toOpaque(),
            request_line: requestLineCame,
            handle: requestCame,
            completed: requestCompleted,
            connection: connectionChanged,
            log: libraryLogged,
            certificate: server.tls == nil ? nil : certificateWanted
        )
    )
    return unsafe callbacks
}

/// The library documents that continuing after an internal error is never safe.
private func panicked(
    _: UnsafeMutableRawPointer?,
    _ file: UnsafePointer<CChar>?,
    _ line: UInt32,
    _ reason: UnsafePointer<CChar>?
) {
    let text =
        unsafe "libmicrohttpd gave up: \(reason.map { unsafe String(cString: $0) } ?? "no reason given") (line \(line))\n"
    unsafe text.withCString { _ = unsafe write(2, $0, strlen($0)) }
    abort()
}

private func server(_ context: UnsafeMutableRawPointer?) -> HTTPServer? {
    unsafe context.map { unsafe Unmanaged<HTTPServer>.fromOpaque($0).takeUnretainedValue() }
}

private func libraryLogged(_ context: UnsafeMutableRawPointer?, _ line: UnsafePointer<CChar>?) {
    guard let line = unsafe line else { return }
    unsafe server(context)?.responder.libraryLog(String(cString: line))
}

private func connectionChanged(
    _ context: UnsafeMutableRawPointer?,
    _ handle: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ event: MHD_ConnectionNotificationCode
) {
    guard let server = unsafe server(context), let handle = unsafe handle, let slot = unsafe slot else { return }
    if event == .CONNECTION_NOTIFY_STARTED {
        let connection = unsafe Connection(
            socket: cmhd_socket(handle),
            peer: addressText(cmhd_peer(handle)),
            certificate: server.tls?.loaded,
            deadline: monotonicSeconds() + server.limits.requestSecondsMax
        )
        server.connections.withLock { $0[ObjectIdentifier(connection)] = connection }
        unsafe slot.pointee = Unmanaged.passUnretained(connection).toOpaque()
    } else if let opaque = unsafe slot.pointee {
        let connection = unsafe Unmanaged<Connection>.fromOpaque(opaque).takeUnretainedValue()
        // The table holds the only lasting reference; after this the socket may be closed.
        server.connections.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(connection)) }
        unsafe slot.pointee = nil
    }
}

/// The only place that sees the target as it was sent. Its result is passed to every later callback of the request, and
/// exactly one completion follows, broken heads included.
private func requestLineCame(
    _ context: UnsafeMutableRawPointer?,
    _ uri: UnsafePointer<CChar>?,
    _ handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let server = unsafe server(context), let handle = unsafe handle, let uri = unsafe uri,
        let opaque = unsafe cmhd_connection_context(handle)
    else { return nil }
    server.unfinishedCount.add(1, ordering: .relaxed)
    let exchange = unsafe Exchange(
        target: Array(
            UnsafeBufferPointer(start: UnsafeRawPointer(uri).assumingMemoryBound(to: UInt8.self), count: strlen(uri))
        ),
        targetAddress: UInt(bitPattern: uri),
        connection: Unmanaged<Connection>.fromOpaque(opaque).takeUnretainedValue(),
        handle: handle
    )
    return unsafe Unmanaged.passRetained(exchange).toOpaque()
}

private func requestCompleted(
    _ context: UnsafeMutableRawPointer?,
    _ handle: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ code: MHD_RequestTerminationCode
) {
    guard let server = unsafe server(context), let slot = unsafe slot, let opaque = unsafe slot.pointee else { return }
    unsafe slot.pointee = nil
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(opaque).takeRetainedValue()
    server.completed(exchange, delivered: code == .REQUEST_TERMINATED_COMPLETED_OK)
}

private func requestCame(
    _ context: UnsafeMutableRawPointer?,
    _ handle: OpaquePointer?,
    _: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?,
    _ version: UnsafePointer<CChar>?,
    _ piece: UnsafePointer<CChar>?,
    _ pieceBytes: UnsafeMutablePointer<Int>?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let server = unsafe server(context), let handle = unsafe handle, let method = unsafe method,
        let version = unsafe version, let pieceBytes = unsafe pieceBytes, let opaque = unsafe slot?.pointee
    else { return .NO }
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(opaque).takeUnretainedValue()
    if exchange.head == nil {
        let reader = unsafe HeadReader(
            handle,
            exchange,
            method: method,
            version: version,
            headersMax: server.limits.headersMax
        )
        return unsafe server.headCame(exchange, reader, String(cString: method), handle)
    }
    if unsafe pieceBytes.pointee > 0, let piece = unsafe piece {
        let bytes = unsafe UnsafeBufferPointer(
            start: UnsafeRawPointer(piece).assumingMemoryBound(to: UInt8.self),
            count: pieceBytes.pointee
        )
        unsafe pieceBytes.pointee = 0
        return unsafe server.pieceCame(exchange, bytes)
    }
    return unsafe server.endCame(exchange, handle)
}
