import Glibc

/// A file that a command was given; `-` is standard input.
enum InputFile {
    static func bytes(_ path: String, bytesMax: Int) throws(Failed) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failed(says: "\(path) cannot be read.") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < bytesMax {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failed(says: "\(path) cannot be read.") }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
        throw Failed(says: "\(path) is longer than \(bytesMax >> 20) MB; split it.")
    }
}
