import HTTPServer
public import OnewayCore
import Threads

/// A stand-in for Marketo Engage's REST API: a real HTTP server, everything in memory, strict where Marketo is, with
/// faults on request and a record of how clients behaved. The same is available over HTTP under `/sandbox`.
///
///     let marketo = SandboxMarketo()
///     let port = try marketo.start()
///     // run() in its own task, stop() at the end
public final class SandboxMarketo: Sendable {
    private let options: SandboxOptions
    private let instance: Locked<Instance>
    private let now: @Sendable () -> Timestamp
    private let server: HTTPServer
    private let delays = Delays()
    /// Ends the delays of answers.
    private let hurry: AsyncStream<Never>.Continuation
    private let hurried: AsyncStream<Never>

    public convenience init(_ options: SandboxOptions = SandboxOptions()) {
        self.init(options, now: forwardClock())
    }

    /// `now` only goes forward.
    init(_ options: SandboxOptions, now: @escaping @Sendable () -> Timestamp) {
        self.options = options
        self.now = now
        instance = Locked(Instance(options))
        (hurried, hurry) = AsyncStream.makeStream()
        var limits = HTTPLimits()
        limits.requestsInFlightMax = 128
        limits.reservedInFlightMax = 8
        limits.connectionsMax = 512
        limits.requestSecondsMax = 300
        server = HTTPServer(
            address: ListenAddress(host: options.address, port: options.port),
            limits: limits,
            responder: SandboxListener(instance: instance, delays: delays, now: now)
        )
    }

    /// Binds and starts accepting; `run` must follow. Returns the port.
    public func start() throws -> Int { try server.start() }

    /// Answers calls until `stop` has finished.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.server.run() }
            group.addTask { for await _ in self.hurried {} }
            await group.next()
            group.cancelAll()
        }
    }

    public func stop() async {
        hurry.finish()
        await server.stop(graceSeconds: 5)
    }
}

// Inspection and setup for tests. Each is one step: calls are executed before or after it.
extension SandboxMarketo {
    public var measured: Measured { instance.withLock { $0.measured } }
    public var history: History { instance.withLock { $0.history } }
    public var book: MarketoBook { instance.withLock { $0.book } }

    /// Returns the lead's id.
    @discardableResult public func seedLead(_ values: [String: JSON]) -> Int {
        instance.withLock { $0.book.seedLead(values, now: now()) }
    }

    public func add(_ field: Field, to kind: MarketoKind) { instance.withLock { $0.book.add(field, to: kind) } }
    public func add(_ fault: Fault) { instance.withLock { $0.faults.add(fault) } }
    public var hasFaults: Bool { instance.withLock { !$0.faults.waiting.isEmpty || $0.mode != .normal } }
    public func clearFaults() { instance.withLock { $0.clearFaults() } }
    /// Calls that have begun are answered now, however late a fault says.
    public func endDelays() { delays.end() }
    /// Sets the partitions open to the API user.
    public func set(partitions: Set<String>) { instance.withLock { $0.book.partitions = partitions } }
    public func set(_ mode: Mode) { instance.withLock { $0.mode = mode } }
    public func set(_ limits: SandboxLimits) { instance.withLock { $0.throttle.limits = limits } }

    /// Expires the current token: it gets 602 once, then 601.
    public func expireToken() { instance.withLock { $0.tokens.expire() } }
    public func reset() { instance.withLock { $0.reset() } }
}
