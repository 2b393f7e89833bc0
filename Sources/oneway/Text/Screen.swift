import Glibc
import OnewayCore

/// Where text is shown: its width, and whether a person reads it.
struct Screen: Sendable {
    /// In columns; if no person reads it, nothing is cut.
    var width = 80
    /// A person reads it: times are shown as "3 min ago".
    var isTerminal = false
    var hasColors = false
    var now: Timestamp

    static var standardOutput: Screen {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        var screen = Screen(now: Timestamp(second: Int64(time.tv_sec)))
        screen.isTerminal = isatty(STDOUT_FILENO) == 1
        guard screen.isTerminal else {
            screen.width = .max
            return screen
        }
        screen.hasColors = Paint.isWanted(noColor: Self.variable("NO_COLOR"), terminal: Self.variable("TERM"))
        var size = winsize()
        if unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 {
            screen.width = Int(size.ws_col)
        }
        return screen
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// Formats a time from the service's answers at which something is to happen. What is due is not called next.
    func next(_ text: String?) -> String {
        guard let text else { return "" }
        guard let time = Timestamp(iso8601: text) else { return text.printable }
        return time <= now ? "now" : self.time(text)
    }

    /// Formats a time from the service's answers.
    func time(_ text: String?) -> String {
        guard let text else { return "" }
        guard isTerminal, let time = Timestamp(iso8601: text) else { return text.printable }
        let seconds = now.second - time.second
        return seconds < 0 ? "in \(Self.duration(-seconds))" : "\(Self.duration(seconds)) ago"
    }

    /// In its largest unit.
    static func duration(_ seconds: Int64) -> String {
        switch seconds {
        case ..<90: "\(seconds) s"
        case ..<5_400: "\((seconds + 30) / 60) min"
        case ..<129_600: "\((seconds + 1_800) / 3_600) h"
        default: "\((seconds + 43_200) / 86_400) days"
        }
    }

    /// Megabytes and the like.
    static func size(_ bytes: Int64) -> String {
        switch bytes {
        case ..<1_000: "\(bytes) bytes"
        case ..<1_000_000: "\((bytes + 500) / 1_000) KB"
        case ..<1_000_000_000: "\((bytes + 500_000) / 1_000_000) MB"
        default: "\((bytes + 500_000_000) / 1_000_000_000) GB"
        }
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    func cut(to width: Int) -> String { count <= width ? self : "\(prefix(max(1, width) - 1))…" }
}
