/// A part of the program that runs until it is stopped.
package protocol Running: Sendable {
    /// Returns after `stop` was called and work in progress has finished. Returning earlier is a failure.
    func run() async throws
    func stop() async
}

/// Runs parts together, and stops them in reverse order, one after the other.
package struct Lifecycle {
    /// Parts that others depend on come first.
    let parts: [any Running]

    package init(parts: [any Running]) {
        self.parts = parts
    }

    /// Returns after a clean stop; throws what the first failing part threw, after stopping the others.
    package func run(until told: @escaping @Sendable () async -> Void) async throws {
        try await withThrowingTaskGroup(of: Ended.self) { group in
            for part in parts {
                group.addTask {
                    try await part.run()
                    return .part
                }
            }
            group.addTask {
                await told()
                return .told
            }
            let first = await group.nextResult() ?? .success(.told)
            for part in parts.reversed() { await part.stop() }
            group.cancelAll()
            var outcomes = [first]
            while let next = await group.nextResult() { outcomes.append(next) }
            for outcome in outcomes { _ = try outcome.get() }
            if try first.get() == .part { throw EndedEarly() }
        }
    }

    private enum Ended { case part, told }
}

struct EndedEarly: Error, CustomStringConvertible {
    let description = "a part of the service ended unexpectedly"
}
