import HTTPClient
import OnewayCore

/// Waits for a replay that the service runs in the background, and reports its progress.
struct ReplayWatch {
    let service: RunningService
    var pause = Duration.milliseconds(500)

    func end(of started: [UInt8]) async throws -> [UInt8] {
        let job = try state(started)["job"]?.string
        var (latest, told) = (started, -1)
        defer { if told >= 0 { Terminal.endProgress() } }
        while true {
            let state = try state(latest)
            guard state["job"]?.string == job else { throw Failed(says: "Another replay has begun since.") }
            guard state["state"]?.string == "running" else { return latest }
            let replayed = state.count("replayed")
            if replayed != told {
                told = replayed
                Terminal.progress(ReplayText.counts(state))
            }
            try await Task.sleep(for: pause)
            latest = try await service.ask(.get, "/api/inbox/replay").body
        }
    }

    private func state(_ answer: [UInt8]) throws -> JSONValue { try JSONDocument(answer).root }
}

enum ReplayText {
    static func counts(_ root: JSONValue) -> String {
        "\(root.grouped("replayed")) replayed, \(root.grouped("skipped")) skipped"
    }

    static func lines(_ root: JSONValue, _ replay: AdminCommand.Replay, _ screen: Screen) -> [String] {
        let counts = counts(root)
        switch root["state"]?.string {
        case "failed": return ["the replay failed: \((root["message"]?.string ?? "").printable); until then \(counts)"]
        case .some: return [counts]
        case nil:
            return [replay.isDry ? "would be: \(counts); nothing was done" : counts] + ChangeText.lines(root, screen)
        }
    }
}

extension AdminCommand.Replay {
    var isDry: Bool {
        switch self {
        case .notifications(_, let isDry), .range(_, _, _, let isDry): isDry
        }
    }
}
