import Applying
import Configuration
import Glibc
import OnewayCore
import Store
import Telemetry
import Threads

/// Measures notifications per second of the applier with the rules, from the inbox to the outbox, on a mirror of
/// opportunities, each with a contact and an account; bodies are the examples with their own ids.
///
///     bench-apply FOLDER [OPPORTUNITIES ...]
///     bench-apply fill FILE ROWS             only fills a backlog of that size
@main struct Main {
    static let updates = 20_000
    private static let callers: Int = 64

    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard let folder = arguments.first else { return print("usage: bench-apply FOLDER [OPPORTUNITIES ...]") }
        if folder == "fill", arguments.count == 3, let rows = Int(arguments[2]) {
            return try await Backlog(path: arguments[1]).fill(rows)
        }
        let sizes = arguments.dropFirst().compactMap { Int($0) }
        for size in sizes.isEmpty ? [1_000, 100_000] : sizes { try await run(folder, size) }
    }

    private static func run(_ folder: String, _ size: Int) async throws {
        let path = "\(folder)/bench-apply-\(getpid()).db"
        defer { for suffix in ["", "-wal", "-shm", "-lock"] { unsafe unlink(path + suffix) } }
        let turns = Locked<[Duration]>([])
        let store = try SQLiteStore(path: path) { commit in turns.withLock { $0.append(commit.took) } }
        let applier = Applier(
            Configuration(),
            store: try await store.lead(),
            log: Log(level: .error, format: .json, sink: { _ in })
        )
        let examples = try Examples()
        try await append(examples.accounts(size / 10), to: store)
        try await append(examples.contacts(size / 2), to: store)
        try await append(examples.opportunities(size), to: store)
        try await measure("create", size, size + size / 2 + size / 10, applier, turns)
        try await append(examples.updates(updates, size), to: store)
        try await measure("update", size, updates, applier, turns)
        let status = try await store.status()
        print("outbox pending=\(status.outbox(.pending)) waiting=\(status.outbox(.waiting))")
        await store.close()
    }

    /// A turn, which other callers wait for, is the writer's work in a step and its fsync.
    private static func measure(
        _ name: String,
        _ size: Int,
        _ count: Int,
        _ applier: Applier,
        _ turns: Locked<[Duration]>
    ) async throws {
        turns.withLock { $0 = [] }
        let (start, cpu) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
        while try await applier.applyNext() {}
        let (elapsed, used) = (seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
        let took = turns.withLock { $0.sorted() }
        print(
            "apply \(name) opportunities=\(size) notifications=\(count) per-s=\(Int(Double(count) / elapsed))",
            "per-cpu-s=\(Int(Double(count) / used))",
            "turn-ms median=\(tenths(took[took.count / 2])) p99=\(tenths(took[took.count * 99 / 100]))",
            "longest=\(tenths(took[took.count - 1]))"
        )
    }

    private static func tenths(_ duration: Duration) -> Double {
        (duration / .milliseconds(0.1)).rounded() / 10
    }

    private static func append(_ bodies: some Sequence<[UInt8]> & Sendable, to store: SQLiteStore) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var (running, number) = (0, 0)
            for body in bodies {
                number += 1
                if running == callers {
                    try await group.next()
                    running -= 1
                }
                running += 1
                let now = Timestamp(milliseconds: 1_772_500_000_000 + Int64(number))
                group.addTask {
                    let identity = NotificationIdentity(body: body, envelope: nil).bytes
                    _ = try await store.append(
                        InboxEntry(identity: identity, InboxLabels(.accepted), body: body),
                        now: now
                    )
                }
            }
            try await group.waitForAll()
        }
    }

    static var milliseconds: Int64 { Int64(seconds(CLOCK_REALTIME) * 1000) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// The example notifications, with numbers in the place of the first eight digits of their ids.
struct Examples: Sendable {
    private let account: String
    private let contact: String
    private let opportunity: String
    private let update: String

    init() throws {
        let read = { (name: String) in
            String(decoding: try Configuration.readFile("examples/notifications/\(name).json"), as: UTF8.self)
        }
        account = try read("account-created")
        contact = try read("contact-created")
        opportunity = try read("opportunity-created-contact")
        update = try read("opportunity-amount-updated")
    }

    func accounts(_ count: Int) -> some Sequence<[UInt8]> & Sendable {
        (0..<count).lazy.map { [account] in bytes(account, [("1a2b0001", $0)]) }
    }

    func contacts(_ count: Int) -> some Sequence<[UInt8]> & Sendable {
        (0..<count).lazy.map { [contact] in bytes(contact, [("3c4d0001", $0), ("1a2b0001", $0 / 5)]) }
    }

    func opportunities(_ count: Int) -> some Sequence<[UInt8]> & Sendable {
        (0..<count).lazy.map { [opportunity] in bytes(opportunity, [("5e6f0001", $0), ("3c4d0001", $0 / 2)]) }
    }

    func updates(_ count: Int, _ size: Int) -> some Sequence<[UInt8]> & Sendable {
        (0..<count).lazy.map { [update] number in
            let text = update.replacing("1772443800000", with: "\(1_772_443_800_000 + number * 1000)")
                .replacing("52500.0000", with: "\(number).0000")
            return bytes(text, [("5e6f0001", number &* 7_919 % size)])
        }
    }
}

private func bytes(_ text: String, _ ids: [(String, Int)]) -> [UInt8] {
    var text = text
    for (id, number) in ids { text = text.replacing(id, with: String(0x1000_0000 + number, radix: 16)) }
    return Array(text.utf8)
}
