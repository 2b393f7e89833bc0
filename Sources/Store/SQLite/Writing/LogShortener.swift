import CSQLite
import Threads

/// Copies the log into the file while the writer continues, on a thread and connection of its own.
///
/// Alone it never finishes, because the log grows meanwhile. Each pass leaves less than the one before: once little is
/// left, the writer copies it, and SQLite starts the log over.
final class LogShortener: Sendable {
    private enum State {
        case idle, asked, copying, closed
        /// This many pages of the log are in the file.
        case copied(pages: Int)
    }

    private let state = Monitor(State.idle)

    /// Opens the file at once, like the writer, so that both have the same file even if its path later names another.
    init(path: String) throws(StoreError) {
        let connection = try Connection(path: path, .write)
        // Before its first read a connection does not know that there is a log, and would copy nothing.
        try connection.execute("PRAGMA schema_version")
        startThread { [self] in run(connection) }
    }

    /// Returns true when the writer is to copy the rest, as it also must when this falls behind.
    func isWriterNeeded(pages: Int, pagesMax: Int) -> Bool {
        guard pages >= pagesMax else { return false }
        if pages >= pagesMax * 6 { endPass() }
        return state.update { state in
            switch state {
            case .copied(let copied) where pages - copied <= pagesMax / 8 || pages >= pagesMax * 4:
                state = .idle
                return true
            case .idle, .copied:
                state = .asked
                return false
            case .asked, .copying, .closed:
                return pages >= pagesMax * 4
            }
        }
    }

    /// Waits until the current pass ends. During one, SQLite lets no one else copy: on a starved machine the log would
    /// grow all that time.
    private func endPass() {
        state.wait { state -> Void? in
            if case .copying = state { nil } else { () }
        }
    }

    func close() { state.update { $0 = .closed } }

    private func run(_ connection: Connection) {
        while true {
            let isAsked = state.wait { state -> Bool? in
                switch state {
                case .asked:
                    state = .copying
                    return true
                case .closed: return false
                case .idle, .copying, .copied: return nil
                }
            }
            guard isAsked == true else { return }
            // A failure here also fails the writer's own checkpoint, where it is noticed.
            let copied = try? connection.checkpoint(SQLITE_CHECKPOINT_PASSIVE).copied
            state.update { if case .copying = $0 { $0 = copied.map { .copied(pages: $0) } ?? .idle } }
        }
    }
}
