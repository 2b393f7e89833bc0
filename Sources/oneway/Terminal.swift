import Glibc

/// Words for the person at the terminal.
enum Terminal {
    /// To standard error, so that what a program reads from standard output stays clean.
    static func complain(_ text: String) {
        let line = Array("\(text)\n".utf8)
        _ = unsafe line.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
    }

    static var isInteractive: Bool { isatty(2) == 1 }
}
