import Glibc

/// A file that a command was given; `-` is standard input.
enum InputFile {
    static func bytes(_ path: String, bytesMax: Int) throws(Failed) -> [UInt8] {
        var bytes: [UInt8] = []
        var pieces = try InputPieces(path)
        while bytes.count < bytesMax {
            guard let piece = try pieces.next() else { return bytes }
            bytes += piece
        }
        throw Failed(says: "\(path) is longer than \(bytesMax >> 20) MB; split it.")
    }
}

/// The same, for files that need not fit into memory.
struct InputPieces: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init(_ path: String) throws(Failed) {
        self.path = path
        descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failed(says: "\(path) cannot be read.") }
    }

    deinit { close(descriptor) }

    /// Nil at the end.
    mutating func next() throws(Failed) -> ArraySlice<UInt8>? {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failed(says: "\(path) cannot be read.") }
            return count == 0 ? nil : buffer[..<count]
        }
    }
}
