import HTTPServer
import OnewayCore
import Threads

/// A stand-in for the Dataverse behind Dynamics 365: a real HTTP server, everything in memory, strict where Dataverse is.
/// It serves the Web API, accepts registrations of webhooks, and sends their notifications, with faults on request and a
/// record of how clients behaved. The same is available over HTTP under `/sandbox`.
///
///     let dataverse = SandboxDataverse(send: { request in await post(request) })
///     let port = try dataverse.start()
///     // run() in its own task, stop() at the end
public final class SandboxDataverse: Sendable {
    let instance: Locked<DataverseInstance>
    let pipeline: EventPipeline
    let now: @Sendable () -> Timestamp
    let delays = Delays()
    private let server: HTTPServer
    private let woken: AsyncStream<Void>
    /// Ends the delays of answers and notifications.
    private let hurry: AsyncStream<Never>.Continuation
    private let hurried: AsyncStream<Never>

    /// `send` posts a notification and returns the status, or nil without an answer. It should time out after 60
    /// seconds.
    public convenience init(
        _ options: DataverseOptions = DataverseOptions(),
        send: @escaping @Sendable (WebhookRequest) async -> Int?
    ) {
        self.init(options, now: forwardClock(), send: send)
    }

    /// `now` only goes forward.
    init(
        _ options: DataverseOptions,
        now: @escaping @Sendable () -> Timestamp,
        send: @escaping @Sendable (WebhookRequest) async -> Int?
    ) {
        self.now = now
        instance = Locked(DataverseInstance(options, now: now()))
        (hurried, hurry) = AsyncStream.makeStream()
        let (woken, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.woken = woken
        pipeline = EventPipeline(instance: instance, delays: delays, now: now, send: send, wake: wake)
        var limits = HTTPLimits()
        limits.requestsInFlightMax = 128
        limits.reservedInFlightMax = 8
        limits.connectionsMax = 512
        limits.requestSecondsMax = 300
        server = HTTPServer(
            address: ListenAddress(host: options.address, port: options.port),
            limits: limits,
            responder: DataverseListener(
                instance: instance,
                control: DataverseControl(instance: instance, pipeline: pipeline, now: now),
                delays: delays,
                url: options.url,
                datesAnswers: options.datesAnswers,
                now: now
            )
        )
    }

    /// Binds and starts accepting; `run` must follow. Returns the port.
    public func start() throws -> Int { try server.start() }

    /// Answers calls and sends notifications until `stop` has finished.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.server.run() }
            group.addTask { for await _ in self.hurried {} }
            group.addTask { await self.pipeline.deliver(self.woken) }
            await group.next()
            group.cancelAll()
        }
        let waiters = instance.withLock { $0.deliveries.takeWaiters(evenIfBusy: true) }
        for waiter in waiters { waiter.resume() }
    }

    public func stop() async {
        hurry.finish()
        await server.stop(graceSeconds: 5)
    }
}
