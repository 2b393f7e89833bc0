import OnewayCore
import Store
import Threads

/// `oneway migrate-store`: from a file to a database, or back.
enum MigrateStore {
    struct Options: Equatable {
        let file: String
        let database: String
        let isToDatabase: Bool
    }

    static func run(_ options: Options) async -> Int32 {
        let address = DatabaseAddress(options.database)
        let move = StoreMove(file: options.file, database: address, options.isToDatabase ? .toDatabase : .toFile)
        let progress = Progress()
        do {
            let tables = try await move.run(
                copied: { table, rows in progress.show("\(table): \(Wording.count(rows, "row")) copied") },
                comparing: { table in progress.show("\(table): comparing") }
            )
            Terminal.endProgress()
            var list = Table("TABLE", "ROWS", "CHECKSUM", whole: ["CHECKSUM"])
            for (table, moved) in tables { list.add(table, Wording.number(moved.rows), moved.checksum) }
            print(list.lines(on: .standardOutput).joined(separator: "\n"))
            print("Both stores have these rows. Set `store` to the new one before the service starts.")
            return 0
        } catch {
            Terminal.endProgress()
            return Terminal.complain(Failed(says: says(error)))
        }
    }

    static func says(_ error: StoreError) -> String {
        let remedy =
            switch error.kind {
            case .inUse: " Stop all services that use one of the two stores first."
            case .olderSchema: " Start this version's `oneway serve` with it once, which upgrades it."
            case .newerSchema: " Use the `oneway` of the version that wrote it."
            case .unavailable, .diskFull: " The same command continues where it ended."
            default: ""
            }
        return "The store was not migrated: \(error.detail).\(remedy)"
    }
}

/// Not faster than people read.
private struct Progress: Sendable {
    private let shownAt = Locked<ContinuousClock.Instant?>(nil)

    func show(_ text: String) {
        let isDue = shownAt.withLock { shown in
            if let shown, shown.duration(to: .now) < .seconds(1) { return false }
            shown = .now
            return true
        }
        if isDue { Terminal.progress(text) }
    }
}

extension MigrateStore.Options {
    init(_ given: Arguments) throws(UsageError) {
        let (from, to) = (given.words[0], given.words[1])
        func file(_ word: String) -> String? {
            word.hasPrefix("sqlite:") && word.utf8.count > 7 ? String(word.dropFirst(7)) : nil
        }
        func isDatabase(_ word: String) -> Bool { word.hasPrefix("postgresql://") || word.hasPrefix("postgres://") }
        if let path = file(from), isDatabase(to) {
            self.init(file: path, database: to, isToDatabase: true)
        } else if let path = file(to), isDatabase(from) {
            self.init(file: path, database: from, isToDatabase: false)
        } else {
            throw UsageError(
                says:
                    "`oneway migrate-store` needs a sqlite:PATH and a postgresql://USER@HOST/DATABASE, in either order."
            )
        }
    }
}
