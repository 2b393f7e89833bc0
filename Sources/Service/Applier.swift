import OnewayCore
import Store
import Synchronization
import Telemetry

/// What Marketo should hold, given the records that change, as they will be. Anything else it needs it reads from the
/// store: if that changes meanwhile, the whole step is computed again.
typealias Projecting = @Sendable (_ changed: [RecordKey: MirrorRecord]) async throws(StoreError) -> [OutboxWish]

/// Brings the inbox into the mirror, and what follows from it into the outbox, a batch in a transaction.
///
/// One that cannot be applied is set aside with its reason and never keeps up the next.
final class Applier: Running {
    static let rowsMax = 32
    static let bytesMax = 1 << 20
    static let recoverySeconds = 1
    static let pauseMax = Duration.milliseconds(100)

    private let store: any Store
    private let reader: InboxReader
    private let rules: Projecting
    private let now: @Sendable () -> Timestamp
    private let log: Log
    private let arrivals = Atomic(0)
    private let wakes = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    init(
        store: any Store,
        policy: Policy,
        rules: @escaping Projecting,
        now: @escaping @Sendable () -> Timestamp,
        log: Log
    ) {
        self.store = store
        self.reader = InboxReader(policy: policy)
        self.rules = rules
        self.now = now
        self.log = log
    }

    /// Something waits in the inbox.
    func wake() {
        arrivals.add(1, ordering: .relaxed)
        wakes.continuation.yield()
    }

    func stop() async { wakes.continuation.finish() }

    func run() async {
        // What an earlier run left.
        wake()
        for await _ in wakes.stream {
            do throws(StoreError) { try await applyAll() } catch {
                if error.kind == .closed { return }
                if error.kind == .outdated {
                    wake()
                    continue
                }
                log.error("cannot apply now, trying again", [.error: .text("\(error)")])
                try? await Task.sleep(for: .seconds(Self.recoverySeconds))
                wake()
            }
        }
    }

    /// Accepting goes first: while as much comes as is applied, three quarters of the time are left to it.
    private func applyAll() async throws(StoreError) {
        let clock = ContinuousClock()
        while true {
            let (start, before) = (clock.now, arrivals.load(ordering: .relaxed))
            guard try await applyNext() else { return }
            let took = clock.now - start
            if arrivals.load(ordering: .relaxed) - before >= Self.rowsMax {
                try? await Task.sleep(for: min(took * 3, Self.pauseMax))
            }
        }
    }

    /// False when nothing waits.
    func applyNext() async throws(StoreError) -> Bool {
        let entries = try await store.unapplied(limit: Self.rowsMax, bytesMax: Self.bytesMax)
        if entries.isEmpty { return false }
        let contents = entries.map(reader.read)
        do throws(StoreError) { try await apply(contents) } catch {
            switch error.kind {
            case .outdated: break
            case .invalid, .corrupt: for content in contents { try await applyAlone(content) }
            default: throw error
            }
        }
        return true
    }

    private func apply(_ contents: [InboxContent]) async throws(StoreError) {
        var application = Application(basis: try await store.mirrorVersion())
        let changed = try await merged(contents.flatMap(\.facts))
        application.records = changed.values.map { (record: $0, references: $0.references) }
        application.wishes = try await rules(changed)
        for content in contents {
            if let revision = content.revision {
                application.revised.append(revision)
            } else {
                application.applied.append(content.id)
            }
        }
        try await store.apply(application, now: now())
    }

    private func applyAlone(_ content: InboxContent) async throws(StoreError) {
        do throws(StoreError) { try await apply([content]) } catch {
            guard error.kind == .invalid || error.kind == .corrupt else { throw error }
            log.error("set aside", [.notification: .text("\(content.id)"), .error: .text("\(error)")])
            let aside = content.setAside(.unusable, [Reason(says: "it cannot be applied: \(error)")])
            try await apply([aside])
        }
    }

    /// The records that these facts change, as they will be.
    private func merged(_ facts: [MirrorRecord]) async throws(StoreError) -> [RecordKey: MirrorRecord] {
        let known = try await store.records(Array(Set(facts.map(\.key))))
        var records = known
        for fact in facts { records[fact.key, default: MirrorRecord(fact.key)].merge(fact) }
        return records.filter { $0.value != known[$0.key] }
    }
}

extension MirrorRecord {
    /// The look-ups that the rules follow backwards.
    var references: [Reference] {
        (Selection.needed[key.entity] ?? []).compactMap { attribute in
            guard let (entity, id) = self[attribute]?.reference, let entity = Entity(rawValue: entity) else {
                return nil
            }
            return Reference(attribute, to: RecordKey(entity, id))
        }
    }
}
