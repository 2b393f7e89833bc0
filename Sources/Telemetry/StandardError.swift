import Glibc

extension Log {
    @Sendable public static func standardError(_ line: [UInt8]) { write(line, to: STDERR_FILENO) }

    /// Text for a person at a terminal, JSON for everything else.
    public static var formatForStandardError: Format { isatty(STDERR_FILENO) == 1 ? .text : .json }

    /// One `write` a line. A line that cannot be written is lost: there is nowhere left to say so.
    static func write(_ line: [UInt8], to descriptor: Int32) {
        var written = 0
        while written < line.count {
            let count = unsafe line.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            written += count
        }
    }
}
