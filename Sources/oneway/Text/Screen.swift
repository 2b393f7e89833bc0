import Glibc
import OnewayCore

/// Where text is shown: its width, and whether a person reads it.
struct Screen: Sendable {
    /// In columns; if no person reads it, nothing is cut.
    var width = 80
    /// A person reads it: times are shown as "3 min ago".
    var isTerminal = false
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
        var size = winsize()
        if unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 {
            screen.width = Int(size.ws_col)
        }
        return screen
    }

    /// Formats a time from the service's answers.
    func time(_ text: String?) -> String {
        guard let text else { return "" }
        guard isTerminal, let time = Timestamp(iso8601: text) else { return text }
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
    /// Without characters that move a terminal's cursor or change its colours: the text is from outside.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: " "
                    default: scalar
                    }
                }
            )
        )
    }

    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    func cut(to width: Int) -> String { count <= width ? self : "\(prefix(max(1, width) - 1))…" }
}
