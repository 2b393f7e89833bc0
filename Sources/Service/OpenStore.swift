import Admin
import Configuration
import Glibc
import OnewayCore
import Store

extension Configuration.Store {
    /// Whether other processes may have it open.
    var isShared: Bool { if case .postgreSQL = self { true } else { false } }
}

enum OpenStore {
    static func open(_ settings: Configuration, _ commits: CommitMetrics) throws -> any Store {
        let limits = StoreLimits(
            inboxBytesMax: Int64(settings.inbox.sizeMegabytesMax) << 20,
            diskFreeBytesMin: Int64(settings.limits.diskFreeMegabytesMin) << 20
        )
        return switch settings.store {
        case .sqlite(let path): try SQLiteStore(path: path, limits: limits, committed: commits.note)
        case .memory: MemoryStore(limits: limits)
        case .postgreSQL(let address):
            try PostgreSQLStore(
                DatabaseAddress(address.reveal()),
                replica: hostName,
                limits: limits,
                isPatient: true,
                committed: commits.note
            )
        }
    }

    /// In a container, the container's name.
    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "oneway" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
