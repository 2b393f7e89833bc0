import CSQLite
import Threads

/// Copies the log into the file while the writer goes on, on a thread and connection of its own.
///
/// Alone it never comes to an end, because the log grows meanwhile: so the writer copies the little that is left once
/// this is done, and SQLite begins the log anew.
final class LogShortener: Sendable {
    private enum State {
        case idle, asked, copying, copied, closed
    }

    private let state = Monitor(State.idle)
    private let path: String

    init(path: String) {
        self.path = path
        startThread { [self] in run() }
    }

    /// True when the writer is to copy the rest, as it also must when this falls behind.
    func isWriterNeeded(pages: Int, pagesMax: Int) -> Bool {
        guard pages >= pagesMax else { return false }
        return state.update { state in
            switch state {
            case .idle:
                state = .asked
                return false
            case .copied:
                state = .idle
                return true
            case .asked, .copying, .closed:
                return pages >= pagesMax * 4
            }
        }
    }

    func close() { state.update { $0 = .closed } }

    private func run() {
        guard let connection = try? Connection(path: path, .write) else { return }
        while true {
            let isAsked = state.wait { state -> Bool? in
                guard state == .asked else { return state == .closed ? false : nil }
                state = .copying
                return true
            }
            guard isAsked == true else { return }
            // What fails here fails in the writer's own checkpoint too, which is where it is noticed.
            _ = try? connection.checkpoint(SQLITE_CHECKPOINT_PASSIVE)
            state.update { if $0 == .copying { $0 = .copied } }
        }
    }
}
