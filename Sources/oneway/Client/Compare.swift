import HTTPClient
import OnewayCore

/// Comparisons and surveys of Marketo, which the service runs in the background, and one opportunity at once.
enum Compare {
    enum Task: Equatable, Sendable {
        case verify(sample: Int?, share: Int?, repairs: Bool)
        case one(GUID, repairs: Bool)
        case adopt

        var path: String {
            switch self {
            case .verify: "/api/verify"
            case .one(let id, _): "/api/opportunities/\(id)/verify"
            case .adopt: "/api/adopt"
            }
        }

        var body: JSON {
            switch self {
            case .verify(let sample, let share, let repairs):
                .object(
                    [("sample", sample), ("share", share)].compactMap { name, value in
                        value.map { JSON.Member(name, .int($0)) }
                    } + [.init("repair", .bool(repairs))]
                )
            case .one(_, let repairs): ["repair": .bool(repairs)]
            case .adopt: [:]
            }
        }
    }

    enum Form: Equatable, Sendable { case table, csv, json }

    /// To begin one, to show the latest, or to end it.
    enum Manner: Equatable, Sendable { case begin, last, cancel }

    static func run(_ options: Options) async -> Int32 {
        do {
            return try await compare(options, RunningService(options.location))
        } catch {
            return Terminal.complain(error)
        }
    }

    private static func compare(_ options: Options, _ service: RunningService) async throws -> Int32 {
        let task = options.task
        if case .one = task {
            let answer = try await service.ask(.post, task.path, body: task.body.encoded).body
            let root = try read(answer, "items")
            if let says = root["message"]?.string {
                throw Failed(says: "It cannot be compared now: \(says.printable).")
            }
            let items = root["items"]?.elements ?? []
            show(options, items, answer) { CompareText.one(root, items, $0) }
            return items.isEmpty ? 0 : 1
        }
        var latest: [UInt8]
        switch options.manner {
        case .begin: latest = try await service.ask(.post, task.path, body: task.body.encoded).body
        case .last: latest = try await service.ask(.get, task.path).body
        case .cancel: latest = try await service.ask(.delete, task.path).body
        }
        latest = try await end(of: latest, task, service)
        let job = try read(latest, "progress")
        let items = try await findings(of: task, service)
        let whole: JSON = ["job": .encoded(latest), "items": .array(items.map { .encoded($0.encoded) })]
        show(options, items, whole.encoded) { CompareText.job(job, items, task, $0) }
        if options.manner == .cancel { return 0 }
        if job["state"]?.string != "done" { return 1 }
        if case .verify = task { return items.isEmpty ? 0 : 1 }
        return 0
    }

    private static func show(_ options: Options, _ items: [JSONValue], _ json: [UInt8], _ lines: (Screen) -> [String]) {
        switch options.form {
        case .json: Terminal.print(json: json)
        case .csv: print(CompareText.csv(items).joined(separator: "\r\n"))
        case .table: print(lines(.standardOutput).joined(separator: "\n"))
        }
    }

    private static func read(_ answer: [UInt8], _ member: String) throws(Failed) -> JSONValue {
        guard let root = try? JSONDocument(answer).root, root[member] != nil else {
            throw Failed(says: "The answer there is not from Oneway's admin listener.")
        }
        return root
    }

    private static func end(of begun: [UInt8], _ task: Task, _ service: RunningService) async throws -> [UInt8] {
        var (latest, told) = (begun, "")
        defer { if !told.isEmpty { Terminal.endProgress() } }
        while true {
            let job = try read(latest, "progress")
            guard job["state"]?.string == "running" else { return latest }
            let says = CompareText.progress(job)
            if says != told {
                Terminal.progress(says)
                told = says
            }
            try await _Concurrency.Task.sleep(for: .milliseconds(500))
            latest = try await service.ask(.get, task.path).body
        }
    }

    private static func findings(of task: Task, _ service: RunningService) async throws -> [JSONValue] {
        var (items, next) = ([JSONValue](), String?.some(""))
        while let after = next {
            let path = "\(task.path)/findings?limit=500&after=\(after)"
            let page = try read(try await service.ask(.get, path).body, "items")
            items += page["items"]?.elements ?? []
            next = page["next"]?.string
        }
        return items
    }
}

extension Compare {
    struct Options: Equatable, Sendable {
        var location: ServiceLocation
        var task: Task
        var manner = Manner.begin
        var form = Form.table

        private static let shared: Set<String> = ["--ca", "--config", "--url", "--json", "--last", "--cancel"]
        static let verifyNames = shared.union(["--sample", "--share", "--repair", "--csv"])
        static let adoptNames = shared.union(["--dry-run"])

        init(verify given: Arguments) throws(UsageError) {
            let repairs = given.has("--repair")
            if let word = given.words.first {
                guard let id = GUID(word) else { throw UsageError(says: "\(quoted(word)) is not a GUID.") }
                try self.init(given, .one(id, repairs: repairs))
                guard manner == .begin, given["--sample"] == nil, given["--share"] == nil else {
                    throw UsageError(says: "One opportunity is compared at once: only --repair goes with its id.")
                }
                return
            }
            let sample = try Self.number(given, "--sample", 1...1_000_000)
            let share = try Self.number(given, "--share", 1...100)
            try self.init(given, .verify(sample: sample, share: share, repairs: repairs))
        }

        init(adopt given: Arguments) throws(UsageError) { try self.init(given, .adopt) }

        private init(_ given: Arguments, _ task: Task) throws(UsageError) {
            location = try ServiceLocation(given)
            self.task = task
            switch (given.has("--last"), given.has("--cancel")) {
            case (true, true): throw UsageError(says: "Either `--last` or `--cancel`, not both.")
            case (true, false): manner = .last
            case (false, true): manner = .cancel
            case (false, false): break
            }
            switch (given.has("--csv"), given.has("--json")) {
            case (true, true): throw UsageError(says: "Either `--csv` or `--json`, not both.")
            case (true, false): form = .csv
            case (false, true): form = .json
            case (false, false): break
            }
        }

        private static func number(
            _ given: Arguments,
            _ name: String,
            _ range: ClosedRange<Int>
        ) throws(UsageError) -> Int? {
            guard let text = given[name] else { return nil }
            guard let number = Int(text), range.contains(number) else {
                let says = "\(quoted(name)) is a whole number from \(range.lowerBound) to \(range.upperBound)."
                throw UsageError(says: says)
            }
            return number
        }
    }
}
