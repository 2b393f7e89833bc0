package import Configuration
import Coordination
package import OnewayCore
package import Store
package import Telemetry

/// What operators state of records. Any replica applies it: at once, and in the order of its own steps where it leads.
package struct Statements: Sendable {
    let writer: @Sendable () -> MirrorWriter

    init(writer: @escaping @Sendable () -> MirrorWriter) { self.writer = writer }

    /// - Parameter leading: The applier, while this replica leads.
    package init(
        _ settings: Configuration,
        store: any StoreApplying,
        leading: @escaping @Sendable () -> Applier?,
        log: Log
    ) {
        let projector = Projector(settings, store: store)
        let own = MirrorWriter(store: store, rules: projector.add, now: TimeSource.systemNow, log: log)
        writer = { leading()?.writer ?? own }
    }

    package func apply(_ fact: MirrorRecord) async throws(StoreError) { try await writer().apply(fact) }
}

extension MirrorWriter {
    /// Applies a fact that no notification reported but an operator stated.
    func apply(_ fact: MirrorRecord) async throws(StoreError) {
        let says: (Log, Application) -> Void = { $0.report("an operator changed a record", of: [fact.key], in: $1) }
        try await write(says) { application throws(StoreError) in
            try await merge([fact], into: &application)
            return true
        }
    }
}
