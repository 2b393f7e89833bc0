import Configuration
import Glibc

/// A failure, with a sentence that says what would help.
struct Failed: Error, Equatable { let says: String }

/// Messages for the person at the terminal.
enum Terminal {
    /// To standard error, so that what a program reads from standard output stays clean.
    static func complain(_ text: String) {
        write("\(text.printableLines)\n", to: STDERR_FILENO)
    }

    /// To standard output, where a terminal obeys nothing in it.
    static func print(json: some Sequence<UInt8>) {
        Swift.print(String(decoding: Array(json), as: UTF8.self).printableJSON)
    }

    /// Prints what went wrong, and returns the exit code for it.
    static func complain(_ error: any Error) -> Int32 {
        switch error {
        case let problems as Problems: Settings.complain(problems)
        case let usage as UsageError: complain(usage.says)
        case let failed as Failed:
            complain(failed.says)
            return 1
        default:
            complain("\(error)")
            return 1
        }
        return 2
    }

    /// Overwrites the line before on a terminal; prints a separate line elsewhere.
    static func progress(_ text: String) {
        write(isInteractive ? "\r\(text.printable)\u{1B}[K" : "\(text.printable)\n", to: STDERR_FILENO)
    }

    static func endProgress() {
        if isInteractive { write("\n", to: STDERR_FILENO) }
    }

    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Asks the person at the terminal, and returns whether the answer is yes.
    static func agrees(to question: String) -> Bool {
        write("\(question.printableLines) [y/N] ", to: STDERR_FILENO)
        return ["y", "yes"].contains(readLine()?.lowercased())
    }

    /// Asks the person at the terminal, and returns the answer.
    static func answer(to question: String) -> String {
        write(question.printableLines, to: STDERR_FILENO)
        return readLine() ?? ""
    }

    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isInteractive }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
