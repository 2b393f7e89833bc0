import Coordination
import HTTPClient
import OnewayCore
import Sandbox

/// The stand-in for Dynamics, with webhooks over HTTP, and changes that it makes by itself.
struct SandboxDynamics: Sendable {
    let dataverse: SandboxDataverse
    private let busySeconds: Int?
    private let stopped = Signal()

    /// `report` is told the answer to each notification; nil: there was none.
    init(
        _ options: DataverseOptions,
        busySeconds: Int? = nil,
        report: @escaping @Sendable (WebhookRequest, HTTPAnswer?) -> Void = { _, _ in }
    ) {
        self.busySeconds = busySeconds
        let transport = CurlTransport(threads: 2, userAgent: Oneway.userAgent)
        dataverse = SandboxDataverse(options) { webhook in
            let request = HTTPRequest(
                .post,
                webhook.url,
                headers: webhook.headers.map { "\($0.name): \($0.value)" },
                body: webhook.body,
                secondsMax: 60,
                isRepeatable: false
            )
            let answer: HTTPAnswer? =
                if case .answered(let answer) = await transport.send(request) { answer } else { nil }
            report(webhook, answer)
            return answer?.status
        }
    }

    func start() throws -> Int { try dataverse.start() }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await dataverse.run() }
            if let busySeconds { group.addTask { await change(every: busySeconds) } }
        }
    }

    func stop() async {
        stopped.fire()
        await dataverse.stop()
    }

    /// One plausible change after the other.
    private func change(every seconds: Int) async {
        var step: UInt64 = 0
        while stopped.count == 0 {
            let next = TimeSource.systemNow().adding(seconds: seconds)
            await stopped.wait(after: 0, until: next, .system)
            step += 1
            // A change that a registered step refuses is no failure of the stand-in.
            if stopped.count == 0 { _ = try? await dataverse.step(step) }
        }
    }
}
