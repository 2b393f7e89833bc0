import HTTPClient
import OnewayCore

/// `oneway reconcile`: the service looks for what no webhook reported; the command begins it, waits, and shows it.
enum Reconcile {
    struct Options: Equatable, Sendable {
        /// To begin one, to show the latest, or to end it.
        enum Manner: Equatable, Sendable { case begin, last, cancel }

        var manner = Manner.begin
        var isJSON = false
        var location = ServiceLocation()
    }

    private static let path = "/api/reconcile"

    static func run(_ options: Options) async -> Int32 {
        do {
            let service = try RunningService(options.location)
            let begun =
                switch options.manner {
                case .begin: try await service.ask(.post, path).body
                case .last: try await service.ask(.get, path).body
                case .cancel: try await service.ask(.delete, path).body
                }
            let (job, answer) = try await end(of: begun, service)
            if options.isJSON {
                Terminal.print(json: answer)
            } else {
                print(ReconcileText.result(job, .standardOutput).joined(separator: "\n"))
            }
            return job["state"]?.string == "done" || options.manner == .cancel ? 0 : 1
        } catch {
            return Terminal.complain(error)
        }
    }

    private static func end(
        of begun: [UInt8],
        _ service: RunningService
    ) async throws -> (job: JSONValue, answer: [UInt8]) {
        var (latest, told) = (begun, "")
        defer { if !told.isEmpty { Terminal.endProgress() } }
        while true {
            guard let job = try? JSONDocument(latest).root, job["progress"] != nil else {
                throw Failed(says: "The answer there is not from Oneway's admin listener.")
            }
            guard job["state"]?.string == "running" else { return (job, latest) }
            let says = ReconcileText.progress(job)
            if says != told { Terminal.progress(says) }
            told = says
            try await Task.sleep(for: .milliseconds(500))
            latest = try await service.ask(.get, path).body
        }
    }
}

extension Reconcile.Options {
    static let names: Set<String> = ["--ca", "--cancel", "--config", "--json", "--last", "--url"]

    init(_ given: Arguments) throws(UsageError) {
        location = try ServiceLocation(given)
        isJSON = given.has("--json")
        switch (given.has("--last"), given.has("--cancel")) {
        case (true, true): throw UsageError(says: "Either `--last` or `--cancel`, not both.")
        case (true, false): manner = .last
        case (false, true): manner = .cancel
        case (false, false): break
        }
    }
}
