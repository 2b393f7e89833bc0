import Applying
import Configuration
import Glibc
import HTTPClient
import OnewayCore
import Store

/// `oneway explain`: one notification against an empty mirror, or against that of the running service.
enum Explain {
    struct Options: Equatable {
        var file: String
        var location = ServiceLocation()
        var isJSON = false
        var asksServer = false
    }

    static func run(_ options: Options) async -> Int32 {
        do {
            let body = try InputFile.bytes(options.file, bytesMax: 16 << 20)
            let answer = try await options.asksServer ? asked(body, options) : alone(body, options)
            let explanation = try JSONDocument(answer).root
            if options.isJSON { Terminal.print(json: answer) } else { print(text(explanation, .standardOutput)) }
            return explanation["code"]?.isNull == false ? 1 : 0
        } catch {
            return Terminal.complain(error)
        }
    }

    private static func alone(_ body: [UInt8], _ options: Options) async throws -> [UInt8] {
        let source = Settings.source(options.location.configuration)
        let settings = try source.read(toServe: false).configuration
        return try await Explainer(settings, store: MemoryStore()).explain(body).json.encoded
    }

    private static func asked(_ body: [UInt8], _ options: Options) async throws -> [UInt8] {
        try await RunningService(options.location).ask(.post, "/api/explain", body: body).body
    }
}

extension Explain.Options {
    init(_ given: Arguments) throws(UsageError) {
        self.init(
            file: given.words[0],
            location: try ServiceLocation(given),
            isJSON: given.has("--json"),
            asksServer: given.has("--server")
        )
        if location.url != nil, !asksServer {
            throw UsageError(says: "`--url` says where the service is: add --server to ask it.")
        }
    }
}
