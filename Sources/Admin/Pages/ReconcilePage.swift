import HTTPServer
import Intake
import OnewayCore
import Reading
import Reconciling
import Store

// Changes in Dynamics that no webhook reported.
extension Pages {
    private static let shownOnHome = 10

    func reconcile(_ query: AdminQuery) async throws -> Response {
        let frame = try await frame("Untold changes", "/reconcile", query)
        let about = """
            Changes in Dynamics that no webhook reported: found by reading, and put right. They are counted only if they \
            are still not reported after a minute.
            """
        let changes = try await api.untoldChanges()
        return frame.page(
            .tag("h1", [:], "Changes that no webhook reported"),
            .tag("p", ["class": "lead"], "\(about)"),
            .section("state", "Latest", try await reconciled(frame.now)),
            .section("list", "Changes", try await changeTable(changes, frame.now))
        )
    }

    /// On the status page; nothing where Dynamics is not connected.
    func untold(_ now: Timestamp) async throws(StoreError) -> HTML {
        guard api.connections.dynamics else { return .nothing }
        let changes = try await api.untoldChanges()
        let newest = Array(changes.prefix(Self.shownOnHome))
        return .section(
            "untold",
            "Changes that no webhook reported",
            isEmpty: changes.isEmpty,
            try await reconciled(now),
            changes.isEmpty ? .nothing : try await changeTable(newest, now),
            changes.count > newest.count
                ? .tag("p", ["class": "pager"], .link("/reconcile", "Show all \(Wording.number(Int64(changes.count)))"))
                : .nothing
        )
    }

    private func reconciled(_ now: Timestamp) async throws(StoreError) -> HTML {
        let (latest, done) = (try await ReconcileJob.latest(in: store), try await ReconcileJob.latestDone(in: store))
        let next = try await Reconciler.nextTime(in: store, everyMinutes: api.connections.reconcileEveryMinutes)
        var says: [HTML] = []
        if let done, let ended = done.job.endedAt {
            let found = Wording.count(done.found, "change", "changes")
            says += ["Dynamics was last compared ", .time(ended, now), ": \(found) that no webhook reported. "]
        }
        if latest?.isRunning == true {
            says.append("It is being compared now. ")
        } else if let next {
            says += ["The next comparison: ", .next(next, now), ". "]
        } else if try await Reconciler.loaded(in: store) == nil {
            says.append("Dynamics is compared after the first load: oneway load. ")
        } else {
            says.append("dynamics.reconcileEveryMinutes is 0: only oneway reconcile compares. ")
        }
        if let latest, latest.job.state == .failed, let message = latest.job.message {
            says += ["The last comparison was not complete: ", .foreign(message)]
        }
        return .tag("p", ["class": "quiet"], .all(says))
    }

    private func changeTable(_ changes: [UntoldChange], _ now: Timestamp) async throws(StoreError) -> HTML {
        if changes.isEmpty { return .tag("p", ["class": "quiet"], "None was found.") }
        let names = try await names(changes.compactMap(\.opportunity))
        let rows = changes.map { change -> [HTML] in
            let (entry, key) = (change.entry, change.entry.discovery.key)
            let record: HTML = change.name.map { .foreign($0) } ?? .code("\(key.id)")
            return [
                change.opportunity.map { .opportunity($0, names) } ?? record, "\(key.entity.rawValue)",
                "\(entry.discovery.what.rawValue)",
                entry.discovery.columns.isEmpty ? "–" : .foreign(entry.discovery.columns.joined(separator: ", ")),
                entry.discovery.modifiedAt.map { .time($0, now) } ?? "–", .time(entry.at, now),
                "\(entry.cause?.says ?? "not known")",
            ]
        }
        return .table(
            "Changes that no webhook reported",
            ["Record", "Table", "What", "Columns", "Changed", "Found", "Probably because"],
            rows
        )
    }
}
