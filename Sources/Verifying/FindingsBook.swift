package import OnewayCore
package import Store

/// The findings of a job, as notes of the store with a hundred each: only those of the latest job of its kind, and no
/// more than 10,000. The rest is only counted.
package struct FindingsBook: Sendable {
    static let perPage = 100
    package static let keptMax = 10_000

    private let kind: Job.Kind

    package init(_ kind: Job.Kind) { self.kind = kind }

    private func note(_ page: Int) -> String { "findings/\(kind.rawValue)/\(page)" }

    /// Removes those of the job before.
    func clear(in store: any StoreLeader) async throws(StoreError) {
        for page in 0..<Self.keptMax / Self.perPage {
            guard try await store.note(note(page)) != nil else { return }
            try await store.setNote(note(page), nil)
        }
    }

    /// Adds these after the first `count`, and returns how many there are then. What a step had added before it was cut
    /// off is overwritten.
    func add(_ findings: [JSON], after count: Int, in store: any StoreLeader) async throws(StoreError) -> Int {
        var (kept, rest) = (count, findings.prefix(max(0, Self.keptMax - count)))
        while !rest.isEmpty {
            let page = kept / Self.perPage
            let old = try await elements(of: page, in: store).prefix(kept % Self.perPage)
            let new = rest.prefix(Self.perPage - old.count)
            let all = old.map { JSON.encoded($0.encoded) } + new
            try await store.setNote(note(page), JSON.array(all).encoded)
            kept += new.count
            rest = rest.dropFirst(new.count)
        }
        return kept
    }

    /// In the order in which they were found, with their numbers. `count` is how many there are.
    package func findings(
        after last: Int?,
        count: Int,
        limit: Int,
        in store: any StoreQueries,
        where isWanted: (JSONValue) -> Bool = { _ in true }
    ) async throws(StoreError) -> [(number: Int, finding: JSONValue)] {
        var (found, next) = ([(number: Int, finding: JSONValue)](), (last ?? -1) + 1)
        while next < count, found.count < limit {
            let page = next / Self.perPage
            let elements = try await elements(of: page, in: store)
            for (index, element) in elements.enumerated() {
                let number = page * Self.perPage + index
                if number < next || number >= count || found.count == limit || !isWanted(element) { continue }
                found.append((number, element))
            }
            next = (page + 1) * Self.perPage
        }
        return found
    }

    private func elements(of page: Int, in store: any StoreQueries) async throws(StoreError) -> [JSONValue] {
        guard let bytes = try await store.note(note(page)) else { return [] }
        return (try? JSONDocument(bytes).root)?.elements ?? []
    }
}
