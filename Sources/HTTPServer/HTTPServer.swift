import CMicroHTTPD
import Glibc
import Synchronization
import Threads

/// libmicrohttpd as async Swift. Knows HTTP and nothing else.
///
/// A request is decided by its head on the library's thread (`Responder.admit`), then its body is collected, then the
/// connection is suspended and the request handed to `run`, whose tasks answer it. Suspending and admitting are one step
/// under one lock, because the library aborts the process when it is stopped with a suspended connection.
@safe public final class HTTPServer: @unchecked Sendable {
    // @unchecked: `daemon` and `callbacks` are written in `start` before any other thread sees them and in `stop` after
    // the library's threads have ended; everything else is immutable or behind a lock.
    let responder: any Responder
    let limits: HTTPLimits
    let gate: Locked<Gate>
    let connections = Locked<[ObjectIdentifier: Connection]>([:])

    let tls: ServerCertificate?
    /// Requests begun and not yet completed; 0 after `stop`, or memory leaks.
    let unfinishedCount = Atomic(0)
    private let address: ListenAddress
    private let handoff = Handoff()
    private let isStopped = Monitor(false)
    private let emptied: Locked<CheckedContinuation<Void, Never>?> = Locked(nil)
    private var daemon: OpaquePointer?
    private var callbacks: UnsafeMutablePointer<cmhd_callbacks>?

    public init(
        address: ListenAddress,
        limits: HTTPLimits,
        tls: ServerCertificate? = nil,
        responder: any Responder
    ) {
        self.tls = tls
        self.address = address
        self.limits = limits
        self.responder = responder
        gate = Locked(Gate(limits: limits))
    }

    deinit { unsafe precondition(daemon == nil, "an HTTPServer must be stopped before it is released") }

    /// Binds and starts accepting; `run` must follow. Returns the port, which the kernel chose if 0 was asked for.
    public func start() throws(HTTPServerError) -> Int {
        ignoreBrokenPipes()
        try raiseDescriptorLimit(needed: limits.connectionsMax + 64)
        let (socket, port) = try address.listen()
        let callbacks = unsafe makeCallbacks(for: self)
        unsafe self.callbacks = unsafe callbacks
        unsafe daemon = startDaemon(socket, callbacks, limits, tls: tls != nil)
        if unsafe daemon == nil {
            // The library has closed the socket by now; another connection may have its number.
            unsafe callbacks.deallocate()
            unsafe self.callbacks = nil
            throw HTTPServerError(says: "libmicrohttpd did not start; the log has its reason")
        }
        startSweeping()
        return port
    }

    /// Answers admitted requests until `stop` has completed.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<(limits.requestsInFlightMax + limits.reservedInFlightMax) {
                group.addTask { while let exchange = await self.handoff.next() { await self.answer(exchange) } }
            }
        }
    }

    /// Accepts nothing new, gives requests in progress up to `graceSeconds` to end, refuses the rest, and stops.
    public func stop(graceSeconds: Double) async {
        gate.withLock { $0.drain() }
        await waitUntilEmpty(seconds: graceSeconds)
        for exchange in handling() { exchange.finish(responder.refuse(.draining, exchange.headOrUnknown)) }
        await waitUntilEmpty(seconds: limits.requestSecondsMax)
        // What is still arriving is told to come again: a sender that is cut off may give up.
        let end = monotonicSeconds() + min(graceSeconds, limits.arrivingSecondsMax)
        while unfinished > 0, monotonicSeconds() < end { try? await Task.sleep(for: .milliseconds(10)) }
        let handle = unsafe StoppingDaemon(pointer: daemon)
        await onOwnThread { unsafe MHD_stop_daemon(handle.pointer) }
        unsafe daemon = nil
        unsafe callbacks?.deallocate()
        unsafe callbacks = nil
        isStopped.update { $0 = true }
        handoff.close()
    }

    var unfinished: Int { unfinishedCount.load(ordering: .relaxed) }

    private func answer(_ exchange: Exchange) async {
        guard let head = exchange.head else { return }
        let body = exchange.body
        exchange.body = []
        let response = await responder.respond(to: Request(head: head, body: body))
        exchange.finish(response)
    }
}

/// A pointer handed to the one thread that stops the daemon.
@safe private struct StoppingDaemon: @unchecked Sendable {
    // @unchecked: `stop` gives it away and does not use it again.
    let pointer: OpaquePointer?
}

// Used by the callbacks.
extension HTTPServer {
    /// Its connection is suspended already; a handler may answer at any time from now on.
    func hand(over exchange: Exchange) { handoff.put(exchange) }

    func leave(_ exchange: Exchange) {
        let isEmpty = gate.withLock { gate in
            gate.leave(exchange.lane, entered: exchange.entered, bodyBytes: exchange.heldBytes)
            if exchange.isDiscarding { gate.endDiscarding() }
            return gate.isDraining && gate.inFlight == 0
        }
        if isEmpty { emptied.withLock { $0.take() }?.resume() }
    }
}

// Waiting and sweeping.
extension HTTPServer {
    private func waitUntilEmpty(seconds: Double) async {
        let end = monotonicSeconds() + seconds
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await withCheckedContinuation { continuation in
                    self.emptied.withLock { $0 = continuation }
                    // The last one may have left, and the time may be over, before the continuation was set.
                    let isEmpty = self.gate.withLock { $0.inFlight == 0 }
                    if isEmpty || monotonicSeconds() >= end { self.emptied.withLock { $0.take() }?.resume() }
                }
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(seconds))
                self.emptied.withLock { $0.take() }?.resume()
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func handling() -> [Exchange] {
        connections.withLock { Array($0.values) }.compactMap { connection in
            guard case .exchange(let exchange) = connection.overdue(at: .infinity) else { return nil }
            return exchange
        }
    }

    /// Runs on a thread of its own: the sweep ends stuck requests, so it must not wait for the pool that they are stuck
    /// in.
    private func startSweeping() {
        let pause = Int(min(1, limits.requestSecondsMax / 8) * 1000)
        startThread { [self] in
            while isStopped.wait(milliseconds: pause, { $0 ? true : nil }) == nil { sweep(at: monotonicSeconds()) }
        }
    }

    /// Elapsed time, not idle time: a client that sends a byte now and then is cut like a silent one.
    func sweep(at now: Double) {
        // Under the lock the descriptor is certain to be open: the library reports the end of a connection before
        // closing it.
        let late = connections.withLock { connections in
            connections.values.compactMap { connection -> Exchange? in
                switch connection.overdue(at: now) {
                case .exchange(let exchange): return exchange
                case .nothing:
                    shutdown(connection.socket, Int32(SHUT_RDWR))
                    return nil
                case nil: return nil
                }
            }
        }
        for exchange in late { exchange.finish(responder.refuse(.timedOut, exchange.headOrUnknown)) }
    }
}

extension Exchange {
    var headOrUnknown: RequestHead { head ?? RequestHead(id: "", method: "", path: "") }
}

/// The server could not start; `says` is for the operator.
public struct HTTPServerError: Error, Equatable, CustomStringConvertible {
    public let says: String

    public var description: String { says }
}
