import OnewayCore
import Reading
import Store

/// Reads what notifications contained, and what became of it (R7), from their bodies.
struct TimelineReader {
    let store: any StoreQueries
    let reader: InboxReader

    /// - Parameters:
    ///   - items: Newest first.
    ///   - reads: Answers from Dynamics, which count as reports of their own.
    func said(
        in items: [InboxItem],
        reads: [Question] = []
    ) async throws(StoreError) -> [(item: InboxItem, said: [Timeline.Said])] {
        var reports: [Report] = []
        for item in items { reports.append(Report(at: item.receivedAt, item: item, facts: try await facts(of: item))) }
        let keys = Set(reports.flatMap(\.facts).map(\.key) + reads.map(\.key))
        let mirror = try await store.records(Array(keys))
        for read in reads {
            if let askedAt = read.askedAt, let record = mirror[read.key] {
                reports.append(Report(at: askedAt, item: nil, facts: [record.read]))
            }
        }
        reports.sort { ($0.at, $0.item?.id ?? .first) < ($1.at, $1.item?.id ?? .first) }
        let contributions = Contribution.of(reports.map(\.facts), in: mirror)
        let received = zip(reports, contributions).compactMap { report, contributions in
            report.item.map { item in
                (
                    item,
                    contributions.map {
                        Timeline.Said(contribution: $0, newerIn: $0.source.flatMap { reports[$0].item?.id })
                    }
                )
            }
        }
        return received.reversed()
    }

    private struct Report {
        let at: Timestamp
        let item: InboxItem?
        let facts: [MirrorRecord]
    }

    private func facts(of item: InboxItem) async throws(StoreError) -> [MirrorRecord] {
        guard item.outcome == .accepted || item.outcome == .refused else { return [] }
        // A damaged body says nothing.
        guard let body = try? await store.body(of: item.id) else { return [] }
        let row = UnappliedEntry(id: item.id, receivedAt: item.receivedAt, outcome: item.outcome, body: body)
        return reader.read(row).facts
    }
}

extension InboxID {
    fileprivate static let first = InboxID(number: 0)
}

extension Contribution {
    /// The report that contained the newer value.
    fileprivate var source: Int? {
        if case .late(_, let source) = fate { source } else { nil }
    }
}
