import Configuration
import Glibc
import HTTPClient
import OnewayCore

/// `oneway import`: contacts and accounts from a file, to the running service.
enum Import {
    struct Options: Equatable {
        var file: String
        var location: ServiceLocation
    }

    /// The number of lines that the service accepts at once.
    private static let linesAtOnce = 1_000

    static func run(_ options: Options) async -> Int32 {
        do {
            let bytes = try InputFile.bytes(options.file, bytesMax: 256 << 20)
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let service = try RunningService(options.location)
            var (imported, changed) = (0, 0)
            for start in stride(from: 0, to: lines.count, by: linesAtOnce) {
                let piece = lines[start..<min(start + linesAtOnce, lines.count)]
                let counts = try await send(Array(piece.joined(separator: [UInt8(ascii: "\n")])), after: start, service)
                imported += counts["imported"]?.int ?? 0
                changed += counts["changed"]?.int ?? 0
                if lines.count > linesAtOnce { Terminal.progress("\(imported) imported") }
            }
            if lines.count > linesAtOnce { Terminal.endProgress() }
            print("\(imported) imported, \(changed) of them new or changed")
            return 0
        } catch {
            return Terminal.complain(error)
        }
    }

    private static func send(_ piece: [UInt8], after line: Int, _ service: RunningService) async throws -> JSONValue {
        do {
            return try JSONDocument(await service.ask(.post, "/api/import", body: piece).body).root
        } catch let failed as Failed {
            guard line > 0 else { throw failed }
            throw Failed(says: "Lines after \(line) were not imported. Counted from there: \(failed.says)")
        }
    }
}

extension Import.Options {
    init(_ given: Arguments) throws(UsageError) {
        self.init(file: given.words[0], location: try ServiceLocation(given))
    }
}
