import Glibc

/// Where the configuration comes from, kept so that it can be read again.
public struct ConfigurationSource: Sendable {
    private let path: String?
    private let environment: [String: String]

    public init(path: String?, environment: [String: String]) {
        self.path = path
        self.environment = environment
    }

    public func read(toServe: Bool = true) throws(Problems) -> LoadedConfiguration {
        try Configuration.read(text(), name: path ?? "", environment: environment, toServe: toServe)
    }

    private func text() throws(Problems) -> [UInt8]? {
        guard let path else { return nil }
        do throws(Unreadable) {
            return try Configuration.readFile(path)
        } catch {
            let says = "\(path) cannot be read: \(error.says)"
            throw Problems(all: [ConfigurationProblem(place: .nowhere, key: "", says: says)], warnings: [])
        }
    }
}

extension Configuration {
    static let fileBytesMax = YAMLReader.bytesMax

    /// Returns this one with the settings that SIGHUP reloads taken from `new`, and the names of those that changed and
    /// were not.
    public func reloaded(from new: Configuration) -> (configuration: Configuration, needRestart: [String]) {
        var next = self
        /// What works with it was built at the start, or was not: it cannot come or go.
        func keep<Part>(_ path: WritableKeyPath<Configuration, Part?>) {
            if self[keyPath: path] == nil || new[keyPath: path] == nil { next[keyPath: path] = self[keyPath: path] }
        }
        for key in Schema.keys where key.reloads { key.copy(new, &next) }
        keep(\.public.tls)
        keep(\.dynamics.webApi)
        keep(\.alerts.url)
        return (next, Schema.keys.filter { !$0.isSame(next, new) }.map(\.name))
    }

    /// Returns all bytes of a small file.
    public static func readFile(_ path: String) throws(Unreadable) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Unreadable() }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: fileBytesMax + 1)
        var count = 0
        while count < bytes.count {
            let more = unsafe bytes.withUnsafeMutableBytes { room in
                unsafe Glibc.read(file, room.baseAddress.map { unsafe $0 + count }, room.count - count)
            }
            if more < 0, errno == EINTR { continue }
            guard more >= 0 else { throw Unreadable() }
            if more == 0 { return Array(bytes[..<count]) }
            count += more
        }
        throw Unreadable(says: "larger than \(fileBytesMax) bytes")
    }
}

extension Unreadable {
    /// The reason in `errno`.
    fileprivate init() { self.init(says: unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "unknown error") }
}
