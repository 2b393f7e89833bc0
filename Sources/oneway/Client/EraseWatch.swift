import HTTPClient
import OnewayCore

/// Waits for an erasure that the service continues in the background, and reports what it waits for or its progress.
struct EraseWatch {
    let service: RunningService
    let contact: GUID
    var pause = Duration.milliseconds(500)
    var report: @Sendable (String) -> Void = { Terminal.progress($0) }

    func end(of started: [UInt8]) async throws -> [UInt8] {
        var (latest, told) = (started, "")
        defer { if !told.isEmpty { Terminal.endProgress() } }
        while true {
            let state = try JSONDocument(latest).root
            guard state["state"]?.string == "running" else { return latest }
            let says = EraseText.progress(state)
            if says != told {
                report(says)
                told = says
            }
            try await Task.sleep(for: pause)
            latest = try await service.ask(.get, "/api/erase?contact=\(contact)").body
        }
    }
}

enum EraseText {
    static func removed(_ root: JSONValue) -> String {
        let removed = (root["removed"]?.members ?? []).map { part in
            "\(Wording.number(part.value.int ?? 0)) of the \(part.name.printable)"
        }
        return "removed: \(removed.joined(separator: ", "))"
    }

    static func progress(_ root: JSONValue) -> String {
        let (left, refused) = (root.count("left"), root.count("refused"))
        let remedy =
            refused == 0
            ? "" : "; Marketo refuses \(Wording.number(refused)) of them: oneway parked, then oneway retry"
        return switch root["waitsFor"]?.string {
        case "notifications": "\(Wording.count(left, "notification is", "notifications are")) to be applied first"
        case "marketo": "Marketo still has \(Wording.count(left, "role")) of the contact\(remedy)"
        default: "\(Wording.count(root.count("searched"), "notification")) searched; \(removed(root))"
        }
    }
}
