import Configuration
import Glibc
import OnewayCore
import Service
import Store

/// `oneway explain`: one notification against an empty mirror, or against that of the running service.
enum Explain {
    struct Options: Equatable {
        var file: String
        var whereabouts = Whereabouts()
        var isJSON = false
        var asksServer = false
    }

    static func run(_ options: Options) async -> Int32 {
        do {
            let body = try read(options.file)
            let answer = try await options.asksServer ? asked(body, options) : alone(body, options)
            let explanation = try JSONDocument(answer).root
            print(options.isJSON ? String(decoding: answer, as: UTF8.self) : text(explanation, .standardOutput))
            return explanation["code"]?.isNull == false ? 1 : 0
        } catch {
            return Terminal.complain(error)
        }
    }

    private static func alone(_ body: [UInt8], _ options: Options) async throws -> [UInt8] {
        let source = Settings.source(options.whereabouts.configuration)
        let settings = try source.read(toServe: false).configuration
        return try await Explainer(settings, store: MemoryStore()).explain(body).json.encoded
    }

    private static func asked(_ body: [UInt8], _ options: Options) async throws -> [UInt8] {
        try await RunningService(options.whereabouts).ask("POST", "/api/explain", body: body).body
    }

    private static func read(_ path: String) throws(Failed) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failed(says: "\(path) cannot be read.") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < bytesMax {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { break }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
        throw Failed(says: "\(path) cannot be read.")
    }

    private static let bytesMax = 16 << 20
}

extension Explain.Options {
    init(_ given: Arguments) throws(UsageError) {
        self.init(
            file: given.words[0],
            whereabouts: try Whereabouts(given),
            isJSON: given.has("--json"),
            asksServer: given.has("--server")
        )
        if whereabouts.url != nil, !asksServer {
            throw UsageError(says: "`--url` says where the service is: add --server to ask it.")
        }
    }
}
