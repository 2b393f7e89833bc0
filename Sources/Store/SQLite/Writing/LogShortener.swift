import CSQLite
import Threads

/// Copies the log into the file while the writer goes on, on a thread and connection of its own.
///
/// Alone it never comes to an end, because the log grows meanwhile. Each pass leaves less than the one before: once that
/// is little, the writer copies it, and SQLite begins the log anew.
final class LogShortener: Sendable {
    private enum State {
        case idle, asked, copying, closed
        /// So many pages of the log are in the file.
        case copied(pages: Int)
    }

    private let state = Monitor(State.idle)

    /// Opens the file at once, like the writer, so that it is the same one whatever its path names later.
    init(path: String) throws(StoreError) {
        let connection = try Connection(path: path, .write)
        // Before its first read a connection does not know that there is a log, and would copy nothing.
        try connection.execute("PRAGMA schema_version")
        startThread { [self] in run(connection) }
    }

    /// True when the writer is to copy the rest, as it also must when this falls behind.
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

    /// While a pass is under way SQLite lets nobody else copy: on a starved machine the log would grow for as long.
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
            // What fails here fails in the writer's own checkpoint too, which is where it is noticed.
            let copied = try? connection.checkpoint(SQLITE_CHECKPOINT_PASSIVE).copied
            state.update { if case .copying = $0 { $0 = copied.map { .copied(pages: $0) } ?? .idle } }
        }
    }
}
